// SPDX-License-Identifier: Apache-2.0
#include "base/utf16_halves.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace abstractllm {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view lead_of_marks =
    "\xF4\x8F";  // bytes of U+10F800 to U+10FFFF, with a third byte of A0 and above
constexpr std::size_t mark_size = 4;

unsigned code_byte(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

std::size_t find_mark(std::string_view text, std::size_t from) {
  for (std::size_t at = text.find(lead_of_marks, from); at != std::string_view::npos;
       at = text.find(lead_of_marks, at + 1)) {
    if (at + mark_size <= text.size() && code_byte(text, at + 2) >= 0xA0) return at;
  }
  return std::string_view::npos;
}

int unit_of_mark(std::string_view text, std::size_t at) {
  return static_cast<int>(0xD800U + ((code_byte(text, at + 2) & 0x1FU) << 6U) + (code_byte(text, at + 3) & 0x3FU));
}

/// The UTF-16 units of a character beyond U+FFFF.
std::string utf8_of_pair(int first, int second) {
  const unsigned code =
      0x10000U + ((static_cast<unsigned>(first) & 0x3FFU) << 10U) + (static_cast<unsigned>(second) & 0x3FFU);
  return {static_cast<char>(0xF0U | code >> 18U), static_cast<char>(0x80U | (code >> 12U & 0x3FU)),
          static_cast<char>(0x80U | (code >> 6U & 0x3FU)), static_cast<char>(0x80U | (code & 0x3FU))};
}

}  // namespace

std::string mark_of_half(int unit) {
  const unsigned number = static_cast<unsigned>(unit) - 0xD800U;
  return std::string(lead_of_marks) + static_cast<char>(0xA0U | number >> 6U) +
         static_cast<char>(0x80U | (number & 0x3FU));
}

bool holds_half_marks(std::string_view json_text) {
  if (find_mark(json_text, 0) != std::string_view::npos) return true;
  // As escapes, the same characters begin with the unit DBFE or DBFF.
  for (std::size_t at = json_text.find("\\u"); at != std::string_view::npos; at = json_text.find("\\u", at + 2)) {
    const std::string unit = lowered(json_text.substr(at + 2, 4));
    if (unit == "dbfe" || unit == "dbff") return true;
  }
  return false;
}

std::string Utf16Halves::join(std::string_view piece, bool marked) {
  std::string joined;
  std::size_t copied = 0;
  for (std::size_t at = marked ? find_mark(piece, 0) : piece.npos; at != piece.npos; at = find_mark(piece, copied)) {
    if (at > copied) joined += finish();
    joined += piece.substr(copied, at - copied);
    take(unit_of_mark(piece, at), joined);
    copied = at + mark_size;
  }
  if (copied < piece.size()) joined += finish();
  joined += piece.substr(copied);
  return joined;
}

void Utf16Halves::take(int unit, std::string& joined) {
  if (is_second_half(unit) && waits()) {
    joined += utf8_of_pair(first_, unit);
    first_ = 0;
    return;
  }
  joined += finish();
  if (is_first_half(unit)) first_ = unit;
  else joined += replacement;
}

std::string Utf16Halves::finish() {
  const bool waited = waits();
  first_ = 0;
  return std::string(waited ? replacement : std::string_view());
}

std::string with_halves_joined(std::string_view text) {
  Utf16Halves halves;
  std::string joined = halves.join(text, true);
  return joined += halves.finish();
}

}  // namespace abstractllm
