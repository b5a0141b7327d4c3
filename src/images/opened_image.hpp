// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "abstractllm/image.hpp"
#include "abstractllm/result.hpp"
#include "images/image_type.hpp"

namespace abstractllm {

/// A picture whose bytes are at hand: in memory, or in a file that stands open, so that it may vanish meanwhile.
class OpenedImage {
 public:
  /// From a file. `place` names it in errors. Errors: invalid_argument (not there, not readable, a folder, empty, too
  /// large, no picture).
  static Result<OpenedImage> open(const std::string& path, std::string place, std::int64_t most_bytes);
  /// From memory; the same errors.
  static Result<OpenedImage> from_bytes(std::shared_ptr<const std::string> bytes, std::string place,
                                        std::int64_t most_bytes);

  const ImageType& type() const { return type_; }
  std::int64_t bytes() const { return size_; }
  const std::string& place() const { return place_; }

  /// Appends base64_size(bytes()) characters; a file is read in pieces straight into them. Errors: invalid_argument
  /// where the file has become shorter or cannot be read any more.
  Result<void> append_base64(std::string& text);

 private:
  using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

  OpenedImage(std::string place, std::int64_t size, ImageType type)
      : place_(std::move(place)), size_(size), type_(type), file_(nullptr, &std::fclose) {}

  std::string place_;
  std::int64_t size_;
  ImageType type_;
  std::shared_ptr<const std::string> bytes_;
  File file_;
};

/// What stands where a wire format wants a picture: something to send, or a URL that is somebody's to fetch.
struct ImageSource {
  std::optional<OpenedImage> opened;
  std::string url;  ///< http or https; where there is no picture
};

/// Finds out what `image` is (the rules are Image's) and opens it. `place` names it in errors: "image 2". Errors:
/// invalid_argument.
Result<ImageSource> open_image(const Image& image, std::string place, std::int64_t most_bytes);

/// Whether open_image() may read a file for it: true for whatever is neither a URL nor bytes nor base64.
bool may_read_file(const Image& image);

}  // namespace abstractllm
