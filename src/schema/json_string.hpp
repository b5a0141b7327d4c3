// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace abstractllm {

/// The value of a valid JSON string, given with its quotes. Half a UTF-16 pair becomes the three bytes that UTF-8 would
/// have for it, so that different strings stay different.
std::string decoded_json_string(std::string_view quoted);

/// The same for programs, which want UTF-8: half a UTF-16 pair becomes U+FFFD.
std::string utf8_of_json_string(std::string_view quoted);

/// The unit of the escape \uXXXX that starts at `at`, or -1 if there is no such escape.
int escaped_utf16_unit(std::string_view text, std::size_t at);

/// Appends the UTF-8 form of a code point up to U+10FFFF.
void append_code_point(std::string& text, unsigned code);

/// The number of characters (code points) of text.
std::size_t count_characters(std::string_view text);

}  // namespace abstractllm
