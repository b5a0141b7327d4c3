// SPDX-License-Identifier: Apache-2.0
#include "visible.hpp"

#include <gtest/gtest.h>

#include "tool_lines.hpp"

namespace abstractllm::cli {
namespace {

TEST(Visible, ShowsWhatATerminalWouldObey) {
  EXPECT_EQ(visible("plain, é, 日本, 😀"), "plain, é, 日本, 😀");
  EXPECT_EQ(visible("a\nb\r\tc"), "a\\nb\\r\\tc");
  EXPECT_EQ(visible("\x1b[31m\x07\x7f"), "\\x1b[31m\\x07\\x7f");
  EXPECT_EQ(visible("\xc2\x9b"), "\\x9b") << "C1";
  EXPECT_EQ(visible("rm \u202egnp.exe\u200b\ufeff\U000e0041"), "rm \\u{202e}gnp.exe\\u{200b}\\u{feff}\\u{e0041}");
  EXPECT_EQ(visible(std::string_view("\0x", 2)), "\\x00x");
}

TEST(Visible, ShowsBytesThatAreNoText) {
  EXPECT_EQ(visible("\xff"
                    "a\xc3"),
            "\\xffa\\xc3");
  EXPECT_EQ(visible("\xc0\xaf"), "\\xc0\\xaf") << "overlong";
  EXPECT_EQ(visible("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "half of a pair";
  EXPECT_EQ(visible("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80") << "above U+10FFFF";
  EXPECT_EQ(visible("\xe6\x97"), "\\xe6\\x97") << "cut";
}

TEST(Visible, IsShortenedByCharacters) {
  EXPECT_EQ(shortened("日本語", 3), "日本語");
  EXPECT_EQ(shortened("日本語です", 3), "日本…");
  EXPECT_EQ(shortened("", 3), "");
}

TEST(ToolLines, TellOfCallsAndResults) {
  EXPECT_EQ(tool_line(ToolCall("c", "weather_in", R"({"city":"Paris"})")), R"(-> weather_in {"city":"Paris"})");
  EXPECT_EQ(tool_line(ToolCall("c", "f", R"({"a)", true)), R"(-> f {"a (cut))");
  ToolResult result("c", "weather_in", "18 degrees\n");
  EXPECT_EQ(tool_line(result), "<- weather_in 18 degrees");
  result.duration = std::chrono::milliseconds(234);
  EXPECT_EQ(tool_line(result), "<- weather_in 18 degrees (0.2 s)");
  result.is_error = true;
  result.text = "a\nb\x1b[2J";
  EXPECT_EQ(tool_line(result), "<- weather_in error: a\\nb\\x1b[2J (0.2 s)");
  EXPECT_EQ(tool_line(HostedToolCall("c", "web_search")), "-> web_search (at the provider)");
  EXPECT_EQ(tool_line(TextDelta{"x"}), std::nullopt);
}

TEST(ToolLines, AreShort) {
  const auto line = tool_line(ToolResult("c", "f", std::string(50'000'000, 'x')));
  ASSERT_TRUE(line);
  EXPECT_LT(line->size(), 200u);
  EXPECT_TRUE(line->ends_with("x…"));
}

}  // namespace
}  // namespace abstractllm::cli
