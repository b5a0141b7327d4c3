// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace abstractllm {

/// What a message says of a prompt that does not fit, in tokens.
struct TooLong {
  std::optional<std::int64_t> prompt_tokens;   ///< how long the prompt is
  std::optional<std::int64_t> context_tokens;  ///< how much fits
};

/// Whether a server's message says that the prompt does not fit the model's context, and its numbers where it has them.
/// error_wordings.def lists the wordings with their sources. Linear in the message.
std::optional<TooLong> says_too_long(std::string_view message);

/// Whether a server's message says that the account has no credit left.
bool says_no_credit(std::string_view message);

}  // namespace abstractllm
