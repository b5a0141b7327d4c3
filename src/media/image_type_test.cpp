// SPDX-License-Identifier: Apache-2.0
#include "media/image_type.hpp"

#include <gtest/gtest.h>

#include "support/pictures.hpp"

namespace abstractllm {
namespace {

using namespace testing_support;
using namespace std::string_literals;

TEST(ImageType, IsTakenFromTheContent) {
  struct Row {
    std::string bytes;
    const char* media_type;
    std::int64_t width, height;
  };
  const Row rows[] = {
      {png(3, 5), "image/png", 3, 5},
      {png_beginning(20000, 20000), "image/png", 20000, 20000},
      {jpeg_beginning(640, 480), "image/jpeg", 640, 480},
      {progressive_jpeg_beginning(65535, 1), "image/jpeg", 65535, 1},
      {gif_beginning(17, 300), "image/gif", 17, 300},
      {lossy_webp_beginning(800, 600), "image/webp", 800, 600},
      {lossless_webp_beginning(16384, 7), "image/webp", 16384, 7},
      {extended_webp_beginning(70000, 9), "image/webp", 70000, 9},
  };
  for (const Row& row : rows) {
    const Result<ImageType> type = image_type(row.bytes, "image");
    ASSERT_TRUE(type) << row.media_type;
    EXPECT_EQ(type->media_type, row.media_type);
    EXPECT_EQ(type->width, row.width) << row.media_type;
    EXPECT_EQ(type->height, row.height) << row.media_type;
  }
}

TEST(ImageType, NamesWhatIsNoPicture) {
  const std::pair<std::string, const char*> rows[] = {
      {"", "image 1 is empty"},
      {"%PDF-1.7\n", "a PDF document; it must be PNG, JPEG, GIF or WebP; a document is given as a file"},
      {"\0\0\0\x18"
       "ftypheic"s,
       "a HEIC picture"},
      {"\0\0\0\x18"
       "ftypavif"s,
       "an AVIF picture"},
      {"\0\0\0\x18"
       "ftypisom"s,
       "a video"},
      {"II*\0\x08\0"s, "a TIFF picture"},
      {"MM\0*\0\0"s, "a TIFF picture"},
      {"BM\x36\x04"s, "a BMP picture; it must be PNG, JPEG, GIF or WebP; convert it, for example with ImageMagick"},
      {"BMW builds cars.", "image 1 is text;"},
      {"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing"},
      {"\xEF\xBB\xBF<?xml version='1.0'?>\n<SVG/>", "an SVG drawing"},
      {"  <!DOCTYPE html><title>404</title>", "an HTML page"},
      {"{\"error\": \"gone\"}", "JSON"},
      {"Just some text, \xC3\xA4 too.", "text"},
      {"\x01\x02\x03\x04", "data of an unknown kind"},
      {"RIFF\x10\0\0\0WAVE"s, "a WAV recording"},
  };
  for (const auto& [bytes, what] : rows) {
    const Result<ImageType> type = image_type(bytes, "image 1");
    ASSERT_FALSE(type) << what;
    EXPECT_EQ(type.error().kind, ErrorKind::invalid_argument);
    EXPECT_NE(type.error().message.find(what), std::string::npos) << type.error().message;
  }
}

TEST(ImageType, SurvivesEveryCut) {
  for (const std::string& whole :
       {png(3, 5), jpeg_beginning(640, 480), gif_beginning(17, 300), lossy_webp_beginning(800, 600),
        lossless_webp_beginning(16, 7), extended_webp_beginning(70, 9)})
    for (std::size_t size = 0; size < whole.size(); ++size) {
      // A copy without spare bytes, so that a sanitizer sees reads past the end.
      const std::vector<char> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      const Result<ImageType> type = image_type({cut.data(), cut.size()}, "image");
      EXPECT_TRUE(!type || type->width >= 0);
    }
}

}  // namespace
}  // namespace abstractllm
