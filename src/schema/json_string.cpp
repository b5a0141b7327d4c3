// SPDX-License-Identifier: Apache-2.0
#include "schema/json_string.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/utf16_halves.hpp"

namespace abstractllm {
namespace {

char unescaped(char c) {
  switch (c) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return c;
  }
}

}  // namespace

int escaped_utf16_unit(std::string_view text, std::size_t at) {
  if (text.size() < at + 6 || text[at] != '\\' || text[at + 1] != 'u') return -1;
  int unit = 0;
  const char* const digits = text.data() + at + 2;
  return std::from_chars(digits, digits + 4, unit, 16).ptr == digits + 4 ? unit : -1;
}

void append_code_point(std::string& text, unsigned code) {
  const auto add = [&](unsigned byte) { text += static_cast<char>(byte); };
  const auto add_rest = [&](unsigned shift) { add(0x80U | ((code >> shift) & 0x3FU)); };
  if (code < 0x80) return add(code);
  if (code < 0x800) {
    add(0xC0U | (code >> 6U));
    return add_rest(0);
  }
  if (code < 0x10000) {
    add(0xE0U | (code >> 12U));
  } else {
    add(0xF0U | (code >> 18U));
    add_rest(12);
  }
  add_rest(6);
  add_rest(0);
}

namespace {

/// `half` is written for half a UTF-16 pair, or else the half itself.
std::string decoded_string(std::string_view quoted, std::optional<unsigned> half) {
  const std::string_view inside = quoted.substr(1, quoted.size() - 2);
  std::string text;
  text.reserve(inside.size());
  for (std::size_t at = 0; at < inside.size();) {
    if (inside[at] != '\\') {
      const std::size_t end = std::min(inside.find('\\', at), inside.size());
      text += inside.substr(at, end - at);
      at = end;
      continue;
    }
    const int unit = escaped_utf16_unit(inside, at);
    if (unit < 0) {
      text += unescaped(inside[at + 1]);
      at += 2;
      continue;
    }
    at += 6;
    const int second = is_first_half(unit) ? escaped_utf16_unit(inside, at) : -1;
    if (!is_second_half(second)) {
      const auto code = static_cast<unsigned>(unit);
      append_code_point(text, is_half_pair(unit) ? half.value_or(code) : code);
      continue;
    }
    append_code_point(text, static_cast<unsigned>(0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00)));
    at += 6;
  }
  return text;
}

}  // namespace

std::string decoded_json_string(std::string_view quoted) { return decoded_string(quoted, std::nullopt); }

std::string utf8_of_json_string(std::string_view quoted) { return decoded_string(quoted, 0xFFFD); }

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}

}  // namespace abstractllm
