// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.hpp"

#include <simdjson.h>

#include <algorithm>

namespace abstractllm {
namespace {

/// The length of a character with a lead byte, and the range of its second byte (table 3-7 of the Unicode standard).
struct Sequence {
  std::size_t length = 0;  ///< 0: not a lead byte
  unsigned char second_min = 0x80;
  unsigned char second_max = 0xBF;
};

Sequence sequence_of(unsigned char lead) {
  if (lead < 0x80) return {1};
  if (lead < 0xC2) return {0};
  if (lead < 0xE0) return {2};
  if (lead == 0xE0) return {3, 0xA0, 0xBF};
  if (lead == 0xED) return {3, 0x80, 0x9F};
  if (lead < 0xF0) return {3};
  if (lead == 0xF0) return {4, 0x90, 0xBF};
  if (lead < 0xF4) return {4};
  if (lead == 0xF4) return {4, 0x80, 0x8F};
  return {0};
}

/// The length of the valid character at the start of `text`, or 0.
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const Sequence sequence = sequence_of(byte(0));
  if (sequence.length > text.size()) return 0;
  if (sequence.length > 1 && (byte(1) < sequence.second_min || byte(1) > sequence.second_max)) return 0;
  for (std::size_t at = 2; at < sequence.length; ++at) {
    if (byte(at) < 0x80 || byte(at) > 0xBF) return 0;
  }
  return sequence.length;
}

}  // namespace

std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
  if (simdjson::validate_utf8(text.data(), text.size())) return std::nullopt;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = character_length(text.substr(at));
    if (length == 0) return at;
    at += length;
  }
  return std::nullopt;
}

std::string_view valid_utf8_prefix(std::string_view text, std::size_t max_bytes) {
  text = text.substr(0, max_bytes);
  return text.substr(0, find_invalid_utf8(text).value_or(text.size()));
}

std::string repaired_utf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    valid += length == 0 ? std::string_view("\xEF\xBF\xBD") : text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return valid;
}

std::string escaped_start(std::string_view text, std::size_t max_bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string escaped;
  std::size_t at = 0;
  while (at < std::min(text.size(), max_bytes)) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const std::size_t length = character_length(text.substr(at));
    if (byte == '\n' || byte == '\r' || byte == '\t') escaped += ' ';
    else if (length == 0 || byte < 0x20 || byte == 0x7F) escaped += {'\\', 'x', digits[byte >> 4U], digits[byte & 15U]};
    else escaped += text.substr(at, length);
    at += std::max<std::size_t>(length, 1);
  }
  if (at < text.size()) escaped += "…";
  return escaped;
}

}  // namespace abstractllm
