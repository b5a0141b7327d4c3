// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace abstractllm {

/// What a message says about a prompt that is too long, in tokens.
struct TooLong {
  std::optional<std::int64_t> prompt_tokens;   ///< length of the prompt
  std::optional<std::int64_t> context_tokens;  ///< limit of the context
};

/// Whether a server's message says that the prompt is longer than the model's context, with its numbers if it has them.
/// error_wordings.def lists the wordings with their sources. It takes linear time in the length of the message.
std::optional<TooLong> says_too_long(std::string_view message);

/// Whether a server's message says that the account has no credit left.
bool says_no_credit(std::string_view message);

}  // namespace abstractllm
