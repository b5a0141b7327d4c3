// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

namespace abstractllm {
namespace {

TEST(FindInvalidUtf8, AcceptsTheFirstAndLastCharacterOfEachLength) {
  for (const std::string_view text : {"", "a", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
                                      "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(find_invalid_utf8(text), std::nullopt);
  }
  EXPECT_EQ(find_invalid_utf8(std::string_view("a\0b", 3)), std::nullopt);
}

TEST(FindInvalidUtf8, GivesTheOffsetOfTheFirstBadByte) {
  EXPECT_EQ(find_invalid_utf8("\xFFzz"), 0U);
  EXPECT_EQ(find_invalid_utf8("ab\x80"), 2U);
  EXPECT_EQ(find_invalid_utf8("\xC3\xA9\xC3("), 2U);
  EXPECT_EQ(find_invalid_utf8(std::string(1000, 'x') + "\xFE"), 1000U);
}

TEST(FindInvalidUtf8, RefusesOverlongFormsSurrogatesAndWhatIsBeyondUnicode) {
  for (const std::string_view bad : {"\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF", "\xED\xA0\x80",
                                     "\xED\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80"}) {
    EXPECT_EQ(find_invalid_utf8("ok" + std::string(bad)), 2U);
  }
}

TEST(FindInvalidUtf8, RefusesACharacterCutAtTheEnd) {
  EXPECT_EQ(find_invalid_utf8("a\xE2\x82"), 1U);
  EXPECT_EQ(find_invalid_utf8("a\xF0\x9F\x98"), 1U);
}

TEST(ValidUtf8Prefix, NeverCutsACharacter) {
  EXPECT_EQ(valid_utf8_prefix("a\xE2\x82\xAC", 3), "a");
  EXPECT_EQ(valid_utf8_prefix("a\xE2\x82\xAC", 4), "a\xE2\x82\xAC");
  EXPECT_EQ(valid_utf8_prefix("ab\xFF", 100), "ab");
}

TEST(Utf8, RepairsEachInvalidByteInLinearTime) {
  EXPECT_EQ(repaired_utf8("a\xff\xfe z"), "a\xEF\xBF\xBD\xEF\xBF\xBD z");
  EXPECT_EQ(repaired_utf8("é\xc3"), "é\xEF\xBF\xBD");
  EXPECT_EQ(repaired_utf8(""), "");
  // A megabyte would take many minutes if each byte read the rest.
  EXPECT_EQ(repaired_utf8(std::string(1 << 20, '\xff')).size(), std::size_t{3} << 20);
}

}  // namespace
}  // namespace abstractllm
