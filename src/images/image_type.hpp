// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "abstractllm/result.hpp"

namespace abstractllm {

/// What the first bytes of a picture say.
struct ImageType {
  std::string_view media_type;  ///< "image/png", "image/jpeg", "image/gif" or "image/webp"
  std::int64_t width = 0;       ///< pixels; 0: not in the bytes that were looked at
  std::int64_t height = 0;
};

/// Bytes from the beginning that image_type() wants to see. Sizes of a JPEG may stand further behind: they stay
/// unknown.
inline constexpr std::size_t image_head_bytes = std::size_t{128} * 1024;

/// Tells a picture by its content. Looks at headers only: a picture that is cut off further behind passes. `place`
/// begins the error: "image 'cat.png'". Errors: invalid_argument that names what it is instead.
Result<ImageType> image_type(std::string_view head, std::string_view place);

}  // namespace abstractllm
