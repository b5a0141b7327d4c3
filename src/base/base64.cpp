// SPDX-License-Identifier: Apache-2.0
#include "base/base64.hpp"

#include <array>
#include <cstdint>
#include <cstring>

namespace abstractllm {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::int8_t, 256> make_values() {
  std::array<std::int8_t, 256> values{};
  for (auto& value : values) value = -1;
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  return values;
}

constexpr std::array<std::int8_t, 256> make_lenient_values() {
  std::array<std::int8_t, 256> values = make_values();
  values['-'] = values['+'];
  values['_'] = values['/'];
  return values;
}

/// The two characters for each value of 12 bits. This needs half as many look-ups as one character at a time.
constexpr std::array<std::array<char, 2>, 4096> make_pairs() {
  std::array<std::array<char, 2>, 4096> pairs{};
  for (std::size_t bits = 0; bits < pairs.size(); ++bits) pairs[bits] = {alphabet[bits >> 6], alphabet[bits & 63]};
  return pairs;
}

constexpr auto values = make_values();
constexpr auto lenient_values = make_lenient_values();
constexpr auto pairs = make_pairs();

std::uint32_t byte_at(std::string_view bytes, std::size_t at) { return static_cast<unsigned char>(bytes[at]); }

}  // namespace

void append_base64(std::string_view bytes, std::string& text) {
  const std::size_t begin = text.size();
  text.resize(begin + base64_size(bytes.size()));
  char* out = text.data() + begin;
  const std::size_t whole = bytes.size() / 3 * 3;
  for (std::size_t at = 0; at < whole; at += 3, out += 4) {
    const std::uint32_t word = byte_at(bytes, at) << 16 | byte_at(bytes, at + 1) << 8 | byte_at(bytes, at + 2);
    std::memcpy(out, pairs[word >> 12].data(), 2);
    std::memcpy(out + 2, pairs[word & 4095].data(), 2);
  }
  if (whole == bytes.size()) return;
  const bool two = bytes.size() - whole == 2;
  const std::uint32_t word = byte_at(bytes, whole) << 16 | (two ? byte_at(bytes, whole + 1) << 8 : 0);
  out[0] = alphabet[word >> 18];
  out[1] = alphabet[word >> 12 & 63];
  out[2] = two ? alphabet[word >> 6 & 63] : '=';
  out[3] = '=';
}

std::string to_base64(std::string_view bytes) {
  std::string text;
  append_base64(bytes, text);
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (std::size_t at = 0; at < text.size(); at += 4) {
    const bool last = at + 4 == text.size();
    const std::size_t padding = last && text[at + 3] == '=' ? (text[at + 2] == '=' ? 2 : 1) : 0;
    std::uint32_t word = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const int value = i >= 4 - padding ? 0 : values[static_cast<unsigned char>(text[at + i])];
      if (value < 0) return std::nullopt;
      word = word << 6 | static_cast<std::uint32_t>(value);
    }
    bytes += static_cast<char>(word >> 16 & 255);
    if (padding < 2) bytes += static_cast<char>(word >> 8 & 255);
    if (padding < 1) bytes += static_cast<char>(word & 255);
  }
  return bytes;
}

std::optional<std::string> from_lenient_base64(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t word = 0;
  std::size_t characters = 0;
  std::size_t padding = 0;
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
    if (c == '=') {
      if (++padding > 2) return std::nullopt;
      continue;
    }
    // NOLINTNEXTLINE(bugprone-signed-char-misuse): -1 says that it is no digit
    const int value = lenient_values[static_cast<unsigned char>(c)];
    if (value < 0 || padding > 0) return std::nullopt;
    word = word << 6 | static_cast<std::uint32_t>(value);
    if (++characters % 4 != 0) continue;
    const char three[] = {static_cast<char>(word >> 16 & 255), static_cast<char>(word >> 8 & 255),
                          static_cast<char>(word & 255)};
    bytes.append(three, 3);
  }
  const std::size_t rest = characters % 4;
  if (rest == 1 || (padding > 0 && rest + padding != 4)) return std::nullopt;
  if (rest >= 2) bytes += static_cast<char>(word >> (rest == 2 ? 4 : 10) & 255);
  if (rest == 3) bytes += static_cast<char>(word >> 2 & 255);
  return bytes;
}

}  // namespace abstractllm
