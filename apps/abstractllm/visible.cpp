// SPDX-License-Identifier: Apache-2.0
#include "visible.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace abstractllm::cli {
namespace {

struct Character {
  char32_t code = 0;
  std::size_t bytes = 0;  ///< 0: the first byte begins no valid character
};

/// Reads the first character of UTF-8 (RFC 3629).
Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t bytes = lead >= 0xf0 ? 4 : (lead >= 0xe0 ? 3 : 2);
  if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return {};
  char32_t code = lead & (0x7fU >> bytes);
  for (std::size_t at = 1; at < bytes; ++at) {
    if ((byte(at) & 0xc0U) != 0x80) return {};
    code = (code << 6U) | (byte(at) & 0x3fU);
  }
  const bool overlong = (bytes == 3 && code < 0x800) || (bytes == 4 && code < 0x10000);
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  return overlong || surrogate || code > 0x10ffff ? Character{} : Character{code, bytes};
}

/// Whether a terminal would not show the character, or would show its neighbours in another place.
bool is_invisible(char32_t code) {
  struct Range {
    char32_t first;
    char32_t last;
  };
  // Unicode 15: general category Cf, the separators but for the blank, fillers and variation selectors.
  constexpr std::array<Range, 21> ranges = {
      {{0xa0, 0xa0},       {0xad, 0xad},       {0x34f, 0x34f},    {0x600, 0x605},   {0x61c, 0x61c},   {0x115f, 0x1160},
       {0x17b4, 0x17b5},   {0x180b, 0x180e},   {0x2000, 0x200f},  {0x2028, 0x202f}, {0x205f, 0x206f}, {0x2800, 0x2800},
       {0x3000, 0x3000},   {0x3164, 0x3164},   {0xfe00, 0xfe0f},  {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff9, 0xfffb},
       {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}}};
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const Range& range) { return code >= range.first && code <= range.last; });
}

std::string in_hex(std::uint32_t number, std::size_t digits) {
  std::string text;
  for (; number != 0 || text.size() < digits; number >>= 4U)
    text.insert(text.begin(), "0123456789abcdef"[number & 15U]);
  return text;
}

std::string escaped_byte(unsigned char byte) { return "\\x" + in_hex(byte, 2); }

std::string escaped(char32_t code) {
  if (code == '\n') return "\\n";
  if (code == '\r') return "\\r";
  if (code == '\t') return "\\t";
  return code < 0xa0 ? escaped_byte(static_cast<unsigned char>(code)) : "\\u{" + in_hex(code, 4) + "}";
}

}  // namespace

std::string visible(std::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  while (!text.empty()) {
    const Character next = first_character(text);
    if (next.bytes == 0) {
      shown += escaped_byte(static_cast<unsigned char>(text.front()));
    } else if (next.code < 0x20 || (next.code >= 0x7f && next.code < 0xa0) || is_invisible(next.code)) {
      shown += escaped(next.code);
    } else {
      shown += text.substr(0, next.bytes);
    }
    text.remove_prefix(std::max<std::size_t>(next.bytes, 1));
  }
  return shown;
}

std::string shortened(std::string_view text, std::size_t most) {
  std::size_t characters = 0;
  std::size_t end = 0;  // of the first most - 1 characters
  for (std::size_t at = 0; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80) continue;
    if (++characters == most) end = at;
    if (characters > most) return std::string(text.substr(0, end)) + "…";
  }
  return std::string(text);
}

}  // namespace abstractllm::cli
