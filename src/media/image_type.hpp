// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "abstractllm/result.hpp"

namespace abstractllm {

/// The contents of the first bytes of an image.
struct ImageType {
  std::string_view media_type;  ///< "image/png", "image/jpeg", "image/gif" or "image/webp"
  std::int64_t width = 0;       ///< pixels; 0: not in the bytes that were read
  std::int64_t height = 0;
};

/// Number of bytes from the beginning that image_type() needs. The size of a JPEG may come later in the file; then it
/// stays unknown.
inline constexpr std::size_t image_head_bytes = std::size_t{128} * 1024;

/// Recognises an image by its content. Reads headers only, so an image that is cut off later passes. `label` begins the
/// message, for example "image 'cat.png'". Errors: invalid_argument that names the other format.
Result<ImageType> image_type(std::string_view head, std::string_view label);

}  // namespace abstractllm
