// SPDX-License-Identifier: Apache-2.0
#include "support/sounds.hpp"

#include <cmath>

namespace abstractllm::testing_support {
namespace {

std::string little(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xFF);
  return text;
}

std::string big(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = bytes; i-- > 0;) text += static_cast<char>(value >> (8 * i) & 0xFF);
  return text;
}

/// RFC 9639 §9.1.8 and §9.3: polynomials 0x07 (8 bits) and 0x8005 (16 bits).
std::uint32_t crc(const std::string& bytes, int bits, std::uint32_t polynomial) {
  std::uint32_t value = 0;
  const std::uint32_t top = 1U << (bits - 1);
  const std::uint32_t mask = (top << 1) - 1;
  for (const char c : bytes) {
    value ^= static_cast<std::uint32_t>(static_cast<unsigned char>(c)) << (bits - 8);
    for (int i = 0; i < 8; ++i) value = ((value & top) != 0 ? value << 1 ^ polynomial : value << 1) & mask;
  }
  return value;
}

std::string repeated(const std::string& part, int times) {
  std::string whole;
  for (int i = 0; i < times; ++i) whole += part;
  return whole;
}

}  // namespace

std::string wav_chunk(const std::string& name, const std::string& body) {
  return name + little(body.size(), 4) + body + std::string(body.size() % 2, '\0');
}

std::string wav_header(std::uint32_t data_bytes, std::uint32_t rate, std::uint16_t channels) {
  const std::uint32_t frame = 2U * channels;
  const std::string format = little(1, 2) + little(channels, 2) + little(rate, 4) +
                             little(std::uint64_t{rate} * frame, 4) + little(frame, 2) + little(16, 2);
  return "RIFF" + little(36 + std::uint64_t{data_bytes}, 4) + "WAVE" + wav_chunk("fmt ", format) + "data" +
         little(data_bytes, 4);
}

std::string wav(std::uint32_t samples, std::uint32_t rate, std::uint32_t hertz) {
  std::string bytes = wav_header(samples * 2, rate);
  for (std::uint32_t i = 0; i < samples; ++i) {
    const double value = 8000 * std::sin(6.283185307179586 * hertz * i / rate);
    bytes += little(static_cast<std::uint16_t>(static_cast<std::int16_t>(value)), 2);
  }
  return bytes;
}

std::string mp3(int frames) { return repeated(std::string("\xFF\xFB\x90\x64", 4) + std::string(413, '\0'), frames); }

std::string slow_mp3(int frames) {
  return repeated(std::string("\xFF\xE3\x18\xC4", 4) + std::string(68, '\0'), frames);
}

std::string id3_tag(std::uint32_t bytes, const std::string& content) {
  std::string tag("ID3\3\0\0", 6);
  for (int i = 3; i >= 0; --i) tag += static_cast<char>(bytes >> (7 * i) & 0x7F);
  return tag + content;
}

std::string flac_beginning(std::uint64_t samples, std::uint32_t rate) {
  // 20 bits of rate, 3 of channels - 1, 5 of bits - 1, 36 of samples.
  const std::uint64_t packed = std::uint64_t{rate} << 44 | std::uint64_t{15} << 36 | (samples & 0xFFFFFFFFF);
  return "fLaC" + big(0x80000022, 4) + big(4096, 2) + big(4096, 2) + big(0, 6) + big(packed, 8) + std::string(16, '\0');
}

std::string flac(std::uint32_t rate) {
  // Blocks of 4,096 samples, the rate of the header, one channel, 16 bits, frame 0.
  std::string frame("\xFF\xF8\xC0\x08\x00", 5);
  frame += big(crc(frame, 8, 0x07), 1);
  frame += std::string("\0\0\0", 3);  // a constant subframe: 0
  frame += big(crc(frame, 16, 0x8005), 2);
  return flac_beginning(4096, rate) + frame;
}

}  // namespace abstractllm::testing_support
