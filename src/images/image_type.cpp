// SPDX-License-Identifier: Apache-2.0
#include "images/image_type.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "base/ascii.hpp"
#include "base/utf8.hpp"

namespace abstractllm {
namespace {

struct Signature {
  std::string_view bytes;
  std::size_t offset;
  std::string_view name;
};

using namespace std::string_view_literals;

// Formats that people try instead. In ISO media files the brand follows the size of the first box.
constexpr std::array pictures = {
    Signature{"ftypheic"sv, 4, "a HEIC picture"},    Signature{"ftypheix"sv, 4, "a HEIC picture"},
    Signature{"ftyphevc"sv, 4, "a HEIC picture"},    Signature{"ftypmif1"sv, 4, "a HEIF picture"},
    Signature{"ftypmsf1"sv, 4, "a HEIF picture"},    Signature{"ftypavif"sv, 4, "an AVIF picture"},
    Signature{"II*\0"sv, 0, "a TIFF picture"},       Signature{"MM\0*"sv, 0, "a TIFF picture"},
    Signature{"BM"sv, 0, "a BMP picture"},           Signature{"\0\0\1\0"sv, 0, "an icon (ICO)"},
    Signature{"\xFF\x0A"sv, 0, "a JPEG XL picture"}, Signature{"\0\0\0\x0CJXL "sv, 0, "a JPEG XL picture"},
};
constexpr std::array others = {
    Signature{"%PDF-"sv, 0, "a PDF document"},      Signature{"ftyp"sv, 4, "a video"},
    Signature{"8BPS"sv, 0, "a Photoshop document"}, Signature{"PK\3\4"sv, 0, "a ZIP archive"},
    Signature{"GGUF"sv, 0, "a model file (GGUF)"},  Signature{"RIFF"sv, 0, "a RIFF file that holds no WebP picture"},
};

bool has(std::string_view bytes, std::string_view expected, std::size_t offset = 0) {
  return bytes.size() >= offset + expected.size() && bytes.substr(offset, expected.size()) == expected;
}

std::int64_t byte_at(std::string_view bytes, std::size_t at) { return static_cast<unsigned char>(bytes[at]); }

/// `count` bytes as a big-endian number, or 0 if they are missing.
std::int64_t big_endian(std::string_view bytes, std::size_t at, std::size_t count) {
  if (bytes.size() < at + count) return 0;
  std::int64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value << 8 | byte_at(bytes, at + i);
  return value;
}

std::int64_t little_endian(std::string_view bytes, std::size_t at, std::size_t count) {
  if (bytes.size() < at + count) return 0;
  std::int64_t value = 0;
  for (std::size_t i = count; i-- > 0;) value = value << 8 | byte_at(bytes, at + i);
  return value;
}

/// PNG specification 3rd edition, §5.2 and §11.2.2.
ImageType png(std::string_view bytes) { return {"image/png", big_endian(bytes, 16, 4), big_endian(bytes, 20, 4)}; }

/// GIF89a specification, §18.
ImageType gif(std::string_view bytes) { return {"image/gif", little_endian(bytes, 6, 2), little_endian(bytes, 8, 2)}; }

/// RFC 9649, §2.5 to §2.7: lossy, lossless, extended.
ImageType webp(std::string_view bytes) {
  ImageType type{"image/webp", 0, 0};
  if (has(bytes, "VP8X", 12)) {
    type.width = little_endian(bytes, 24, 3) + 1;
    type.height = little_endian(bytes, 27, 3) + 1;
  } else if (has(bytes, "VP8L", 12)) {
    const std::int64_t bits = little_endian(bytes, 21, 4);
    type.width = (bits & 0x3FFF) + 1;
    type.height = (bits >> 14 & 0x3FFF) + 1;
  } else if (has(bytes, "VP8 ", 12)) {
    type.width = little_endian(bytes, 26, 2) & 0x3FFF;
    type.height = little_endian(bytes, 28, 2) & 0x3FFF;
  }
  return type;
}

/// ITU-T T.81, annex B: segments up to the frame header.
ImageType jpeg(std::string_view bytes) {
  ImageType type{"image/jpeg", 0, 0};
  std::size_t at = 2;
  while (at + 4 <= bytes.size() && bytes[at] == '\xFF') {
    const std::int64_t marker = byte_at(bytes, at + 1);
    if (marker == 0xFF) {  // fill byte
      ++at;
      continue;
    }
    const bool is_frame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    if (is_frame) {
      type.height = big_endian(bytes, at + 5, 2);
      type.width = big_endian(bytes, at + 7, 2);
      return type;
    }
    if (marker == 0xDA || marker == 0xD9) return type;  // the image data, or its end
    at += 2 + static_cast<std::size_t>(big_endian(bytes, at + 2, 2));
  }
  return type;
}

/// The text in lower case, without leading blanks.
std::string lowered_beginning(std::string_view bytes) {
  if (has(bytes, "\xEF\xBB\xBF")) bytes.remove_prefix(3);
  bytes.remove_prefix(std::min(bytes.find_first_not_of(" \t\r\n"), bytes.size()));
  return lowered(bytes.substr(0, 1024));
}

bool is_text(std::string_view bytes) {
  constexpr std::size_t longest_sample = 512;
  const std::string_view sample = bytes.substr(0, longest_sample);
  const auto is_control = [](char c) {
    return (c >= 0 && c < ' ' && c != '\t' && c != '\r' && c != '\n' && c != '\f');
  };
  if (std::any_of(sample.begin(), sample.end(), is_control)) return false;
  const std::optional<std::size_t> invalid = find_invalid_utf8(sample);
  constexpr std::size_t longest_character = 4;  // the sample may cut the last one
  return !invalid || (sample.size() == longest_sample && *invalid + longest_character > sample.size());
}

std::string_view name_in(std::span<const Signature> table, std::string_view bytes) {
  for (const Signature& each : table)
    if (has(bytes, each.bytes, each.offset)) return each.name;
  return {};
}

std::string_view name_of(std::string_view bytes) {
  if (const std::string_view name = name_in(others, bytes); !name.empty()) return name;
  if (!is_text(bytes)) return "data of an unknown kind";
  const std::string text = lowered_beginning(bytes);
  if (text.find("<svg") != std::string::npos) return "an SVG drawing";
  if (text.starts_with("<!doctype html") || text.find("<html") != std::string::npos) return "an HTML page";
  if (text.starts_with("{") || text.starts_with("[")) return "JSON";
  if (text.starts_with("<?xml")) return "XML";
  return "text";
}

}  // namespace

Result<ImageType> image_type(std::string_view head, std::string_view label) {
  if (head.empty()) return Error(ErrorKind::invalid_argument, std::string(label) + " is empty");
  if (has(head, "\x89PNG\r\n\x1A\n"sv)) return png(head);
  if (has(head, "\xFF\xD8\xFF"sv)) return jpeg(head);
  if (has(head, "GIF87a") || has(head, "GIF89a")) return gif(head);
  if (has(head, "RIFF") && has(head, "WEBP", 8)) return webp(head);
  // A text may begin with "BM".
  const std::string_view picture = is_text(head) ? std::string_view() : name_in(pictures, head);
  const std::string what(picture.empty() ? name_of(head) : picture);
  const std::string_view advice =
      picture.empty() ? "" : "; convert it, for example with ImageMagick: `magick IN OUT.png`";
  return Error(ErrorKind::invalid_argument,
               std::string(label) + " is " + what + "; it must be PNG, JPEG, GIF or WebP" + std::string(advice));
}

}  // namespace abstractllm
