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

/// The pictures of one call. An encoder writes marks in their places, so that a body is small until it is sent; then
/// each picture is written straight to where it belongs, once.
class ImagePlan {
 public:
  /// Opens all images of `messages`. Errors: invalid_argument (Image's rules, the provider's limits).
  static Result<ImagePlan> make(const std::vector<Message>& messages, const Provider& provider, const Options& options);

  /// What an encoder is to write.
  std::vector<ImageData> data() const;

  /// Those that this library must fetch before they can be sent.
  struct ToFetch {
    std::size_t index;
    std::string url;
    std::string place;
  };
  std::vector<ToFetch> to_fetch() const;
  /// Takes what was fetched. Errors: invalid_argument (no picture, the provider's limits).
  Result<void> put(std::size_t index, std::string bytes);

  /// `body` with the pictures in place of their marks. All must be there. Errors: invalid_argument where a file cannot
  /// be read any more.
  Result<std::string> fill(std::string_view body);
  /// `body` for people: what each picture is, in its place.
  std::string shown(std::string_view body) const;
  /// "image/png, 12345 bytes, 64x64; https://host/…"
  std::string description() const;

  std::int64_t most_bytes() const { return most_bytes_; }

 private:
  struct Slot {
    ImageSource source;
    std::string place;
    std::string detail;
    bool passed_on = false;  // as a URL
  };

  ImagePlan() {}
  std::string mark(std::size_t index, char what) const;
  Result<void> check_limits(const OpenedImage& image) const;
  Result<void> check_all_limits() const;
  template <class Write>
  void replace_marks(std::string_view body, Write write) const;

  std::vector<Slot> slots_;
  std::string marks_;  // how all marks of this plan begin: nobody can guess it
  ImageLimits limits_;
  std::string provider_;
  std::int64_t most_bytes_ = 0;
};

}  // namespace abstractllm
