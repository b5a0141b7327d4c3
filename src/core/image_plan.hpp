// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/provider.hpp"
#include "images/opened_image.hpp"

namespace abstractllm {

/// The images of one call. An encoder writes marks in their places, so a body is small until it is sent. Then each
/// image is written once, straight to its place.
class ImagePlan {
 public:
  /// Opens all images of `messages`. Errors: invalid_argument (Image's rules, the provider's limits).
  static Result<ImagePlan> make(const std::vector<Message>& messages, const Provider& provider, const Options& options);

  /// Returns what an encoder has to write.
  std::vector<ImageData> data() const;

  /// The images that this library must fetch before they can be sent.
  struct ToFetch {
    std::size_t index;
    std::string url;
    std::string label;
  };
  std::vector<ToFetch> to_fetch() const;
  /// Takes the bytes of a fetched image. Errors: invalid_argument (not an image, the provider's limits).
  Result<void> put(std::size_t index, std::string bytes);

  /// Returns `body` with the images in place of their marks. All images must be present. Errors: invalid_argument if a
  /// file can no longer be read.
  Result<std::string> fill(std::string_view body);
  /// Returns `body` for people, with a description in place of each image.
  std::string shown(std::string_view body) const;
  /// Returns, for example, "image/png, 12345 bytes, 64x64; https://host/…".
  std::string description() const;

  std::int64_t most_bytes() const { return most_bytes_; }

 private:
  struct Slot {
    ImageSource source;
    std::string label;
    std::string detail;
    bool passed_on = false;  // sent as a URL
  };

  ImagePlan() {}
  std::string mark(std::size_t index, char what) const;
  Result<void> check_limits(const OpenedImage& image) const;
  Result<void> check_all_limits() const;
  template <class Write>
  void replace_marks(std::string_view body, Write write) const;

  std::vector<Slot> slots_;
  std::string marks_;  // the prefix of all marks of this plan: nobody can guess it
  ImageLimits limits_;
  std::string provider_;
  std::int64_t most_bytes_ = 0;
};

}  // namespace abstractllm
