// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace abstractllm::cli {

/// Returns untrusted text on one line, with everything made visible that could hide text or control a terminal. Line
/// ends and tabs are written as \n, \r and \t. Other control characters and bytes that are not UTF-8 become \xNN.
/// Characters without width, and those that turn the direction of text, become \u{NNNN}.
std::string visible(std::string_view text);

/// Returns at most `most` characters of valid UTF-8. If it leaves some out, the last is "…".
std::string shortened(std::string_view text, std::size_t most);

}  // namespace abstractllm::cli
