// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "abstractllm/provider.hpp"

namespace abstractllm::openai_chat {

/// How one server spells the fields of a request whose names differ between servers. An empty name: it has no such
/// field.
struct FieldNames {
  std::string_view temperature = "temperature";
  std::string_view top_p = "top_p";
  std::string_view top_k = "top_k";
  std::string_view min_p = "min_p";
  std::string_view max_tokens = "max_tokens";
  std::string_view stop = "stop";
  std::string_view seed = "seed";
  std::string_view frequency_penalty = "frequency_penalty";
  std::string_view presence_penalty = "presence_penalty";
  std::string_view repeat_penalty = "repeat_penalty";
  std::string_view logit_bias = "logit_bias";
  std::string_view stream_options = "stream_options";
};

/// llama-server v0.5.0 (tools/server/server-schema.cpp, de3ff81, 2026-09-28). vLLM says "repetition_penalty".
inline constexpr FieldNames llama_server_fields{};

/// The request as Protocol::encode describes it.
///
/// Options::system_prompt, unless empty, becomes the first message. Options that are not set, and empty lists, are not
/// sent. Options::extra_body is merged last, as RFC 7396 (JSON Merge Patch) says: objects merge member by member, null
/// takes a member away, everything else replaces what was there.
///
/// Errors: invalid_argument for no messages at all, for text that is not UTF-8 (names the place and the byte), for
/// numbers that are not finite, for an option that `fields` has no name for, and for an extra_body that is not a JSON
/// object.
Result<HttpRequest> encode(const Request& request, const FieldNames& fields);

}  // namespace abstractllm::openai_chat
