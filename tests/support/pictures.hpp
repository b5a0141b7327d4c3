// SPDX-License-Identifier: Apache-2.0
//
// Pictures for tests, as the bytes of their files.
#pragma once

#include <cstdint>
#include <string>

namespace abstractllm::testing_support {

struct Colour {
  std::uint8_t red, green, blue;
};

inline constexpr Colour black{0, 0, 0};
inline constexpr Colour white{255, 255, 255};
inline constexpr Colour red{255, 0, 0};
inline constexpr Colour green{0, 255, 0};
inline constexpr Colour blue{0, 0, 255};

/// A whole PNG of one colour, which any decoder takes. It is not compressed: three bytes for each pixel.
std::string png(std::uint32_t width, std::uint32_t height, Colour colour = red);
/// The same with squares of 8 x 8 pixels; `first` is that of the upper left corner.
std::string png_checkerboard(std::uint32_t width, std::uint32_t height, Colour first = black, Colour second = white);

// Beginnings: what tells a file's type and the size of its picture, and no picture. Decoders refuse them, but for the
// engine's decoder of JPEG, which makes up what is missing. Sizes that the format has no room for are cut.
std::string png_beginning(std::uint32_t width, std::uint32_t height);
/// Baseline. Its metadata holds a preview of 160 x 120 pixels, whose size comes before that of the picture.
std::string jpeg_beginning(std::uint32_t width, std::uint32_t height);
std::string progressive_jpeg_beginning(std::uint32_t width, std::uint32_t height);
std::string gif_beginning(std::uint32_t width, std::uint32_t height);
/// A WebP is one of three formats, each of which has its own place for the size.
std::string lossy_webp_beginning(std::uint32_t width, std::uint32_t height);
std::string lossless_webp_beginning(std::uint32_t width, std::uint32_t height);
std::string extended_webp_beginning(std::uint32_t width, std::uint32_t height);

}  // namespace abstractllm::testing_support
