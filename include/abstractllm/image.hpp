// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "abstractllm/export.hpp"

namespace abstractllm {

/// The source of an image.
enum class ImageKind {
  source,  ///< a string; its text decides what it is
  file,    ///< a path
  url,     ///< http, https or data
  base64,  ///< the bytes as text
  bytes,   ///< the bytes themselves
};

/// An image for a model: PNG, JPEG, GIF or WebP. The content decides the format, never the file name.
///
/// Nothing is read before a call. Each call whose model can see reads a file again; a problem with it is an
/// invalid_argument of that call. Copies share the data. Any number of threads may use one object.
class ABSTRACTLLM_API Image {
 public:
  /// The first of these rules that applies decides what the string is:
  /// 1. It begins with http://, https:// or data: (in any case): a URL.
  /// 2. A file with that name exists: a path.
  /// 3. It is base64 of one of the known image formats: the image itself.
  /// 4. Otherwise the call fails with invalid_argument, and the message says what was tried.
  explicit Image(std::string source) : Image(ImageKind::source, std::move(source)) {}

  /// An image file on this machine.
  static Image file(std::string path) { return Image(ImageKind::file, std::move(path)); }

  /// An http or https URL goes to the provider if it fetches images itself. Otherwise this library fetches the image,
  /// and refuses private addresses (Options::allow_private_image_urls). A data URL is base64 or percent-encoded (RFC
  /// 2397); the type that it names is ignored.
  static Image url(std::string url) { return Image(ImageKind::url, std::move(url)); }

  /// RFC 4648 §4 or §5, with or without padding. Blanks and line breaks are allowed.
  static Image base64(std::string text) { return Image(ImageKind::base64, std::move(text)); }

  /// The content of a PNG, JPEG, GIF or WebP file.
  static Image bytes(std::string bytes) { return Image(ImageKind::bytes, std::move(bytes)); }

  /// Sets the level of detail at which the model looks, for providers with this choice (OpenAI: "low", "high", "auto",
  /// "original"). Other providers do not get it. https://platform.openai.com/docs/guides/images-vision (2026-10)
  Image& detail(std::string level) {
    detail_ = std::move(level);
    return *this;
  }
  /// The level, or an empty string if none was set.
  const std::string& detail() const noexcept { return detail_; }

  ImageKind kind() const noexcept { return kind_; }
  /// The string, path, URL, text or bytes, unchanged.
  const std::string& value() const noexcept { return *value_; }
  /// The same string, shared with all copies of this image.
  const std::shared_ptr<const std::string>& shared_value() const noexcept { return value_; }

  bool operator==(const Image& other) const {
    return kind_ == other.kind_ && detail_ == other.detail_ && *value_ == *other.value_;
  }

 private:
  Image(ImageKind kind, std::string value)
      : kind_(kind), value_(std::make_shared<const std::string>(std::move(value))) {}

  ImageKind kind_;
  std::shared_ptr<const std::string> value_;
  std::string detail_;
};

}  // namespace abstractllm
