// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace abstractllm {

/// Characters that `bytes` bytes take as base64.
constexpr std::size_t base64_size(std::size_t bytes) { return (bytes + 2) / 3 * 4; }

/// RFC 4648 §4, with padding.
std::string to_base64(std::string_view bytes);

/// The same, appended to `text`. Pieces in a row give what the whole would, where each but the last is a multiple of 3
/// bytes long.
void append_base64(std::string_view bytes, std::string& text);

/// Nothing where `text` is not base64 with padding, or holds anything else.
std::optional<std::string> from_base64(std::string_view text);

/// As people and other programs write it: also the alphabet of URLs (RFC 4648 §5), with blanks and line breaks
/// anywhere, and with or without padding. Nothing where anything else stands in it, or the last group is half a byte.
std::optional<std::string> from_lenient_base64(std::string_view text);

}  // namespace abstractllm
