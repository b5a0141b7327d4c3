// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "abstractllm/attachment.hpp"

namespace abstractllm {

/// The source of an image.
using ImageKind = SourceKind;

/// An image for a model: PNG, JPEG, GIF or WebP. The content decides the format, never the file name. When it is read:
/// Attachment.
class ABSTRACTLLM_API Image : public Attachment {
 public:
  /// The first of these rules that applies decides what the string is:
  /// 1. It begins with http://, https:// or data: (in any case): a URL.
  /// 2. A file with that name exists: a path.
  /// 3. It is base64 of one of the known image formats: the image itself.
  /// 4. Otherwise the call fails with invalid_argument, and the message says what was tried.
  explicit Image(std::string source) : Image(SourceKind::source, std::move(source)) {}

  /// An image file on this machine.
  static Image file(std::string path) { return Image(SourceKind::file, std::move(path)); }

  /// An http or https URL goes to the provider if it fetches images itself. Otherwise this library fetches the image,
  /// and refuses private addresses (Options::allow_private_image_urls). A data URL is base64 or percent-encoded (RFC
  /// 2397); the type that it names is ignored.
  static Image url(std::string url) { return Image(SourceKind::url, std::move(url)); }

  /// RFC 4648 §4 or §5, with or without padding. Blanks and line breaks are allowed.
  static Image base64(std::string text) { return Image(SourceKind::base64, std::move(text)); }

  /// The content of a PNG, JPEG, GIF or WebP file.
  static Image bytes(std::string bytes) { return Image(SourceKind::bytes, std::move(bytes)); }

  /// Sets the level of detail at which the model looks, for providers with this choice (OpenAI: "low", "high", "auto",
  /// "original"). Other providers do not get it. https://platform.openai.com/docs/guides/images-vision (2026-10)
  Image& detail(std::string level) {
    detail_ = std::move(level);
    return *this;
  }
  /// The level, or an empty string if none was set.
  const std::string& detail() const noexcept { return detail_; }

  bool operator==(const Image& other) const { return Attachment::operator==(other) && detail_ == other.detail_; }

 private:
  Image(SourceKind kind, std::string value) : Attachment(kind, std::move(value)) {}

  std::string detail_;
};

}  // namespace abstractllm
