// SPDX-License-Identifier: Apache-2.0
#include "support/pictures.hpp"

#include <algorithm>
#include <string_view>

namespace abstractllm::testing_support {
namespace {

std::string little_endian(std::uint32_t value, int bytes) {
  std::string found;
  for (int i = 0; i < bytes; ++i) found += static_cast<char>(value >> (8 * i) & 0xFF);
  return found;
}

std::string big_endian(std::uint32_t value, int bytes) {
  std::string found = little_endian(value, bytes);
  std::reverse(found.begin(), found.end());
  return found;
}

/// `text` with its zeros, which a plain string literal would end at.
template <std::size_t size>
std::string bytes(const char (&text)[size]) {
  return {text, size - 1};
}

std::uint32_t crc32(std::string_view data) {
  std::uint32_t sum = 0xFFFFFFFF;
  for (const char byte : data) {
    sum ^= static_cast<std::uint8_t>(byte);
    for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1) ^ ((sum & 1) != 0 ? 0xEDB88320 : 0);
  }
  return ~sum;
}

std::uint32_t adler32(std::string_view data) {
  std::uint32_t low = 1;
  std::uint32_t high = 0;
  for (const char byte : data) {
    low = (low + static_cast<std::uint8_t>(byte)) % 65521;
    high = (high + low) % 65521;
  }
  return high << 16 | low;
}

/// A zlib stream that stores `data` as it is.
std::string zlib(std::string_view data) {
  std::string found = "\x78\x01";
  const std::string sum = big_endian(adler32(data), 4);
  do {
    const std::string_view block = data.substr(0, 65535);
    data.remove_prefix(block.size());
    const auto size = static_cast<std::uint32_t>(block.size());
    found += data.empty() ? '\1' : '\0';
    found += little_endian(size, 2) + little_endian(~size, 2);
    found += block;
  } while (!data.empty());
  return found + sum;
}

std::string png_chunk(const std::string& type, const std::string& data) {
  return big_endian(static_cast<std::uint32_t>(data.size()), 4) + type + data + big_endian(crc32(type + data), 4);
}

/// `colour_at(x, y)` gives the colour of a pixel.
template <class ColourAt>
std::string png_of(std::uint32_t width, std::uint32_t height, ColourAt colour_at) {
  std::string rows;
  rows.reserve((std::size_t{width} * 3 + 1) * height);
  for (std::uint32_t y = 0; y < height; ++y) {
    rows += '\0';  // no filter
    for (std::uint32_t x = 0; x < width; ++x) {
      const Colour colour = colour_at(x, y);
      for (const std::uint8_t part : {colour.red, colour.green, colour.blue}) rows += static_cast<char>(part);
    }
  }
  return png_beginning(width, height) + png_chunk("IDAT", zlib(rows)) + png_chunk("IEND", "");
}

std::string jpeg_segment(char marker, const std::string& data) {
  return std::string{'\xFF', marker} + big_endian(static_cast<std::uint32_t>(data.size()) + 2, 2) + data;
}

/// The segment with the size, whose marker tells the kind of JPEG.
std::string jpeg_frame(char marker, std::uint32_t width, std::uint32_t height) {
  return jpeg_segment(marker, '\x08' + big_endian(height, 2) + big_endian(width, 2) +
                                  bytes("\3\1\x22\0\2\x11\1\3\x11\1"));  // three colours and how they are sampled
}

std::string webp(const std::string& type, const std::string& data) {
  const std::string padding(data.size() % 2, '\0');
  const std::string chunk = type + little_endian(static_cast<std::uint32_t>(data.size()), 4) + data + padding;
  return "RIFF" + little_endian(static_cast<std::uint32_t>(chunk.size()) + 4, 4) + "WEBP" + chunk;
}

}  // namespace

std::string png(std::uint32_t width, std::uint32_t height, Colour colour) {
  return png_of(width, height, [&](std::uint32_t, std::uint32_t) { return colour; });
}

std::string png_checkerboard(std::uint32_t width, std::uint32_t height, Colour first, Colour second) {
  return png_of(width, height,
                [&](std::uint32_t x, std::uint32_t y) { return (x / 8 + y / 8) % 2 == 0 ? first : second; });
}

std::string png_beginning(std::uint32_t width, std::uint32_t height) {
  const std::string format = bytes("\x08\2\0\0\0");  // eight bits of red, green and blue
  return "\x89PNG\r\n\x1A\n" + png_chunk("IHDR", big_endian(width, 4) + big_endian(height, 4) + format);
}

std::string jpeg_beginning(std::uint32_t width, std::uint32_t height) {
  const std::string preview = "\xFF\xD8" + jpeg_frame('\xC0', 160, 120) + "\xFF\xD9";
  return "\xFF\xD8" + jpeg_segment('\xE0', bytes("JFIF\0\1\1\0\0\1\0\1\0\0")) +
         jpeg_segment('\xE1', bytes("Exif\0\0") + preview) + jpeg_frame('\xC0', width, height);
}

std::string progressive_jpeg_beginning(std::uint32_t width, std::uint32_t height) {
  return "\xFF\xD8" + jpeg_frame('\xC2', width, height);
}

std::string gif_beginning(std::uint32_t width, std::uint32_t height) {
  return "GIF89a" + little_endian(width, 2) + little_endian(height, 2) + bytes("\0\0\0");
}

std::string lossy_webp_beginning(std::uint32_t width, std::uint32_t height) {
  return webp("VP8 ",
              bytes("\x10\0\0\x9D\x01\x2A") + little_endian(width & 0x3FFF, 2) + little_endian(height & 0x3FFF, 2));
}

std::string lossless_webp_beginning(std::uint32_t width, std::uint32_t height) {
  return webp("VP8L", '\x2F' + little_endian(((width - 1) & 0x3FFF) | ((height - 1) & 0x3FFF) << 14, 4));
}

std::string extended_webp_beginning(std::uint32_t width, std::uint32_t height) {
  return webp("VP8X", bytes("\0\0\0\0") + little_endian(width - 1, 3) + little_endian(height - 1, 3));
}

}  // namespace abstractllm::testing_support
