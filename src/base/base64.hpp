// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace abstractllm {

/// The number of base64 characters for `bytes` bytes.
constexpr std::size_t base64_size(std::size_t bytes) { return (bytes + 2) / 3 * 4; }

/// RFC 4648 §4, with padding.
std::string to_base64(std::string_view bytes);

/// The same, appended to `text`. Consecutive pieces give the same result as the whole if the length of each but the
/// last is a multiple of 3.
void append_base64(std::string_view bytes, std::string& text);

/// Returns nullopt if `text` is not base64 with padding.
std::optional<std::string> from_base64(std::string_view text);

/// Accepts the forms that people and other programs write: also the URL alphabet (RFC 4648 §5), blanks and line breaks
/// anywhere, with or without padding. Returns nullopt for other characters and for an incomplete last byte.
std::optional<std::string> from_lenient_base64(std::string_view text);

}  // namespace abstractllm
