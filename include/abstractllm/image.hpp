// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "abstractllm/export.hpp"

namespace abstractllm {

/// Where a picture comes from.
enum class ImageKind {
  source,  ///< a string that says itself what it is
  file,    ///< a path
  url,     ///< http, https or data
  base64,  ///< the bytes as text
  bytes,   ///< the bytes themselves
};

/// A picture to show to a model: PNG, JPEG, GIF or WebP, told apart by content and never by name.
///
/// Nothing is read or checked before a call: a file then is read anew each time; what is wrong with it is an
/// invalid_argument of that call. Copies share the picture; any number of threads may use one object.
class ABSTRACTLLM_API Image {
 public:
  /// A string that is told apart by these rules, in this order:
  /// 1. it begins with http://, https:// or data: (capitals or not): a URL;
  /// 2. a file of that name is there: a path;
  /// 3. it is base64 of one of the known image types: the picture itself;
  /// 4. anything else is an invalid_argument that says what was tried.
  explicit Image(std::string source) : Image(ImageKind::source, std::move(source)) {}

  static Image file(std::string path) { return Image(ImageKind::file, std::move(path)); }

  /// http and https: passed on where the provider fetches pictures itself, else fetched by this library, which refuses
  /// private addresses (Options::allow_private_image_urls). data: base64 or percent-encoded (RFC 2397); the type that
  /// it names is not believed.
  static Image url(std::string url) { return Image(ImageKind::url, std::move(url)); }

  /// RFC 4648 §4 or §5, with or without padding; blanks and line breaks may stand in it.
  static Image base64(std::string text) { return Image(ImageKind::base64, std::move(text)); }

  /// A PNG, JPEG, GIF or WebP file in memory.
  static Image bytes(std::string bytes) { return Image(ImageKind::bytes, std::move(bytes)); }

  /// How closely to look, for those who offer the choice (OpenAI: "low", "high", "auto", "original"); left out
  /// elsewhere. https://platform.openai.com/docs/guides/images-vision (2026-10)
  Image& detail(std::string level) {
    detail_ = std::move(level);
    return *this;
  }
  const std::string& detail() const noexcept { return detail_; }

  ImageKind kind() const noexcept { return kind_; }
  /// The string, path, URL, text or bytes, as they were given.
  const std::string& value() const noexcept { return *value_; }
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
