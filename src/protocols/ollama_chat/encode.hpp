// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "abstractllm/provider.hpp"

namespace abstractllm::ollama_chat {

/// The request as Protocol::encode describes it.
///
/// Reasoning is the field `thinking` of its turn, with or without provider data. Tool calls stand in `tool_calls` with
/// their arguments as an object; each result is a message of role `tool` with `tool_name` and `tool_call_id`
/// (https://docs.ollama.com/capabilities/tool-calling, 2026-11; api/types.go, v0.17.4). ToolResult::is_error has no
/// field.
///
/// `stream` is always said, since the server's default is true. Options::system_prompt, unless empty, becomes the first
/// message. Sampling options stand in `options`, and Options::context_size as `num_ctx` beside them.
/// Options::keep_alive is a number of seconds, or "1500ms" where it is not a whole one. Options that are not set, and
/// empty lists, are not sent. Options::extra_body is merged last, as RFC 7396 (JSON Merge Patch) says.
///
/// Warnings "option_ignored": logit_bias, and a context_size of 0. Errors: invalid_argument for no messages at all, for
/// text that is not UTF-8 (names the place and the byte), for numbers that are not finite, and for an extra_body that
/// is not a JSON object.
Result<EncodedRequest> encode(const Request& request);

/// The engine options that encode() writes; see Protocol::engine_options.
std::span<const std::string_view> engine_options();

}  // namespace abstractllm::ollama_chat
