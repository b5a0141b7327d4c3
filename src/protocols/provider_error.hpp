// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/json_element.hpp"

namespace abstractllm {

/// What a provider said about a failure. All texts are the provider's own and untrusted.
struct ProviderError {
  std::string message;
  std::string code;  ///< the most specific of code, status and type
  std::string type;
  std::string inner_code;                      ///< Azure's innererror.code, Anthropic's details.error_code
  int status = 0;                              ///< the HTTP status that the body itself names; 0 if there is none
  std::optional<std::int64_t> prompt_tokens;   ///< llama-server's n_prompt_tokens
  std::optional<std::int64_t> context_tokens;  ///< llama-server's n_ctx
  std::optional<std::chrono::milliseconds> retry_after;  ///< Gemini's RetryInfo
  bool moderated = false;                                ///< OpenRouter's moderation, which has status 403
};

/// Whether an `error` member reports a failure: it is not null, false, "" or {}.
bool says_error(const std::optional<JsonElement>& error);

/// Reads what is known to be an error. If its shape is unknown, the message is the JSON itself, so that the server's
/// words are never lost.
ProviderError read_error(JsonElement root);

/// Reads an error in any known shape (docs/wire-formats.md#error-bodies). Returns nothing if `root` has no such shape.
std::optional<ProviderError> read_provider_error(JsonElement root);

}  // namespace abstractllm
