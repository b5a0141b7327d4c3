// SPDX-License-Identifier: Apache-2.0
#include "media/image_type.hpp"

#include "media/byte_numbers.hpp"
#include "media/content_name.hpp"

namespace abstractllm {
namespace {

using namespace std::string_view_literals;

/// PNG specification 3rd edition, §5.2 and §11.2.2.
ImageType png(std::string_view bytes) { return {"image/png", big_endian(bytes, 16, 4), big_endian(bytes, 20, 4)}; }

/// GIF89a specification, §18.
ImageType gif(std::string_view bytes) { return {"image/gif", little_endian(bytes, 6, 2), little_endian(bytes, 8, 2)}; }

/// RFC 9649, §2.5 to §2.7: lossy, lossless, extended.
ImageType webp(std::string_view bytes) {
  ImageType type{"image/webp", 0, 0};
  if (begins_as(bytes, "VP8X", 12)) {
    type.width = little_endian(bytes, 24, 3) + 1;
    type.height = little_endian(bytes, 27, 3) + 1;
  } else if (begins_as(bytes, "VP8L", 12)) {
    const std::int64_t bits = little_endian(bytes, 21, 4);
    type.width = (bits & 0x3FFF) + 1;
    type.height = (bits >> 14 & 0x3FFF) + 1;
  } else if (begins_as(bytes, "VP8 ", 12)) {
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

std::string image_advice(Content content) {
  switch (content) {
    case Content::picture: return "; convert it, for example with ImageMagick: `magick IN OUT.png`";
    case Content::audio: return "; audio is given as audio, not as an image";
    case Content::document: return "; a document is given as a file, not as an image";
    case Content::video:
    case Content::text:
    case Content::other: break;
  }
  return {};
}

}  // namespace

Result<ImageType> image_type(std::string_view head, std::string_view label) {
  if (head.empty()) return Error(ErrorKind::invalid_argument, std::string(label) + " is empty");
  if (begins_as(head, "\x89PNG\r\n\x1A\n"sv)) return png(head);
  if (begins_as(head, "\xFF\xD8\xFF"sv)) return jpeg(head);
  if (begins_as(head, "GIF87a") || begins_as(head, "GIF89a")) return gif(head);
  if (begins_as(head, "RIFF") && begins_as(head, "WEBP", 8)) return webp(head);
  const ContentName what = content_name(head);
  return Error(ErrorKind::invalid_argument, std::string(label) + " is " + std::string(what.name) +
                                                "; it must be PNG, JPEG, GIF or WebP" + image_advice(what.content));
}

}  // namespace abstractllm
