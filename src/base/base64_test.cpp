// SPDX-License-Identifier: Apache-2.0
#include "base/base64.hpp"

#include <gtest/gtest.h>

namespace abstractllm {
namespace {

TEST(Base64, MatchesTheVectorsOfRfc4648) {
  const std::pair<const char*, const char*> rows[] = {{"", ""},
                                                      {"f", "Zg=="},
                                                      {"fo", "Zm8="},
                                                      {"foo", "Zm9v"},
                                                      {"foob", "Zm9vYg=="},
                                                      {"fooba", "Zm9vYmE="},
                                                      {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : rows) {
    EXPECT_EQ(to_base64(bytes), text);
    EXPECT_EQ(from_base64(text), bytes);
  }
}

TEST(Base64, KeepsEveryByte) {
  std::string bytes;
  for (int value = 0; value < 256; ++value) bytes += static_cast<char>(value);
  EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
}

TEST(Base64, PiecesGiveTheWhole) {
  std::string text;
  for (const char* piece : {"abc", "defghi", "jk"}) append_base64(piece, text);
  EXPECT_EQ(text, to_base64("abcdefghijk"));
  EXPECT_EQ(text.size(), base64_size(11));
}

TEST(Base64, IsReadAsPeopleWriteIt) {
  const std::string bytes = "\xFB\xFF\xBFpicture";
  for (const char* text : {"+/+/cGljdHVyZQ==", "-_-_cGljdHVyZQ==", "+/+/cGljdHVyZQ", "+/+/cGlj\ndHVy\r\nZQ==\n",
                           " +/+/ cGlj dHVy ZQ = =", "-_+/cGljdHVyZQ"})
    EXPECT_EQ(from_lenient_base64(text), bytes) << text;
  for (const char* text : {"cGljd", "cGl.", "cG=l", "cGlj=", "cGljdA=", "cGljdA===", "\xC3\xA4"})
    EXPECT_FALSE(from_lenient_base64(text)) << text;
  EXPECT_EQ(from_lenient_base64(""), "");
}

TEST(Base64, RefusesWhatIsNone) {
  for (const char* text : {"Zg", "Zg=", "Z===", "Zg==Zg==", "Zm9v\n", "Zm 9", "Zm9_"})
    EXPECT_FALSE(from_base64(text)) << text;
}

}  // namespace
}  // namespace abstractllm
