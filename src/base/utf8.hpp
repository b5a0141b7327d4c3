// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace abstractllm {

/// The offset of the first byte that is not valid UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF),
/// or nullopt if all bytes are valid. A character that is cut at the end is invalid.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);

/// The longest beginning of `text` that is valid UTF-8 and at most `max_bytes` long.
std::string_view valid_utf8_prefix(std::string_view text, std::size_t max_bytes);

/// Returns the text with U+FFFD in place of each byte that begins no valid character. It takes linear time.
std::string repaired_utf8(std::string_view text);

/// The first `max_bytes` of text from outside, for people. Control characters and invalid UTF-8 are shown as \xNN, line
/// ends and tabs as blanks. "…" is added if more text follows.
std::string escaped_start(std::string_view text, std::size_t max_bytes);

}  // namespace abstractllm
