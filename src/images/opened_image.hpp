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

/// An image whose bytes are available: in memory, or in an open file, which may be deleted meanwhile.
class OpenedImage {
 public:
  /// Opens a file. `label` names it in errors. Errors: invalid_argument (missing, unreadable, a folder, empty, too
  /// large, not an image).
  static Result<OpenedImage> open(const std::string& path, std::string label, std::int64_t most_bytes);
  /// Uses bytes in memory. The errors are the same.
  static Result<OpenedImage> from_bytes(std::shared_ptr<const std::string> bytes, std::string label,
                                        std::int64_t most_bytes);

  const ImageType& type() const { return type_; }
  std::int64_t bytes() const { return size_; }
  const std::string& label() const { return label_; }

  /// Appends base64_size(bytes()) characters. A file is read in pieces straight into them. Errors: invalid_argument if
  /// the file has become shorter or cannot be read any more.
  Result<void> append_base64(std::string& text);

 private:
  using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

  OpenedImage(std::string label, std::int64_t size, ImageType type)
      : label_(std::move(label)), size_(size), type_(type), file_(nullptr, &std::fclose) {}

  std::string label_;
  std::int64_t size_;
  ImageType type_;
  std::shared_ptr<const std::string> bytes_;
  File file_;
};

/// The image for a wire format: data to send, or a URL that somebody must fetch.
struct ImageSource {
  std::optional<OpenedImage> opened;
  std::string url;  ///< http or https, if there is no data
};

/// Decides what `image` is (by the rules of Image) and opens it. `label` names it in errors, for example "image 2".
/// Errors: invalid_argument.
Result<ImageSource> open_image(const Image& image, std::string label, std::int64_t most_bytes);

/// Whether open_image() may read a file for it: true for everything except URLs, bytes and base64.
bool may_read_file(const Image& image);

}  // namespace abstractllm
