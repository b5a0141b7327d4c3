// SPDX-License-Identifier: Apache-2.0
#include "base/json_text.hpp"

#include <gtest/gtest.h>

#include "base/utf16_halves.hpp"

namespace abstractllm {
namespace {

std::optional<std::size_t> fault_at(std::string_view text) {
  const std::optional<JsonFault> fault = find_json_fault(text, 100);
  return fault ? std::optional(fault->at) : std::nullopt;
}

TEST(JsonText, TellsWhatIsOneValue) {
  for (const std::string_view text :
       {"{}", "[]", " [1, -0.5e+3, \"a\\u00e9\\n\", true, false, null, {\"a\": {\"b\": []}}]\n", "1e999", "\"\\ud83d\"",
        "0", "123456789012345678901234567890"})
    EXPECT_FALSE(find_json_fault(text, 100)) << text;
}

TEST(JsonText, TellsTheByteThatIsWrong) {
  const std::pair<std::string_view, std::size_t> cases[] = {
      {"", 0},        {"x", 0},         {"{} {}", 3},       {"[1,]", 3},        {"{,}", 1},   {"{\"a\" 1}", 5},
      {"[1 2]", 3},   {"{\"a\":1]", 6}, {"01", 1},          {"[1.]", 3},        {"[NaN]", 1}, {"[-Infinity]", 1},
      {"\"\\x\"", 2}, {"\"\n\"", 1},    {"\"\\u12g4\"", 5}, {"[\"a\xff\"]", 3}, {"{1:2}", 1}, {"[tru]", 1},
  };
  for (const auto& [text, at] : cases) EXPECT_EQ(fault_at(text), at) << text;
}

TEST(JsonText, TellsTextThatIsCutByItsSize) {
  const std::string_view whole = R"({"a":[1,-2.5e3,"x\u00e9\\",true,null],"b":{}})";
  for (std::size_t size = 1; size < whole.size(); ++size) {
    EXPECT_EQ(fault_at(whole.substr(0, size)), size) << size;
    EXPECT_TRUE(is_cut_json(whole.substr(0, size))) << size;
  }
  EXPECT_FALSE(is_cut_json(whole));
  EXPECT_FALSE(is_cut_json("{a:"));
  EXPECT_FALSE(is_cut_json(""));
  EXPECT_FALSE(is_cut_json("select"));
  EXPECT_TRUE(is_cut_json("{\"a\":\"\xF0\x9F")) << "a character may be cut too";
}

TEST(JsonText, LimitsDepth) {
  EXPECT_FALSE(find_json_fault("[[]]", 2));
  const std::optional<JsonFault> fault = find_json_fault("[[[]]]", 2);
  ASSERT_TRUE(fault);
  EXPECT_TRUE(fault->too_deep);
  EXPECT_EQ(fault->at, 2U);
}

TEST(JsonText, CompactsWithoutAnotherSpelling) {
  EXPECT_EQ(compact_json("{ \"a b\" : [ 1.10 , 1E2 ] ,\n\"\\u00e9\" : { } } x"), R"({"a b":[1.10,1E2],"\u00e9":{}})");
  EXPECT_EQ(compact_json("[0, {\"a\": 1}, 2]", 4), R"({"a":1})");
}

TEST(JsonText, MendsWhatParsersRefuse) {
  const auto mended = [](std::string_view text) { return mend_json(text, HalfPairs::replace).text; };
  EXPECT_EQ(mended("[1, 18446744073709551615, 18446744073709551616, -9223372036854775808, -9223372036854775809]"),
            "[1, 18446744073709551615, null, -9223372036854775808, null]");
  EXPECT_EQ(mended("[1e308,1e309,-1e309,NaN,Infinity,-Infinity]"), "[1e308,null,null,null,null,null]");
  EXPECT_EQ(mended(R"(["1e999 NaN","\ud83d\ude00","\ud83d","\ude00","\\ud83d"])"),
            R"(["1e999 NaN","\ud83d\ude00","\ufffd","\ufffd","\\ud83d"])");
  EXPECT_FALSE(mend_json("[1,\"a\"]", HalfPairs::mark).changed);
  EXPECT_EQ(mended("[1e999, oops"), "[null, oops") << "the rest stays as it is";
}

TEST(JsonText, MarksHalvesSoThatTheyCanBeJoined) {
  const MendedJson first = mend_json(R"("a\ud83d")", HalfPairs::mark);
  const MendedJson second = mend_json(R"("\ude00b")", HalfPairs::mark);
  EXPECT_TRUE(first.has_marks);
  Utf16Halves halves;
  EXPECT_EQ(halves.join(first.text, true), "\"a\xEF\xBF\xBD\"") << "the quote comes between the halves here";
  EXPECT_EQ(halves.join(std::string_view(first.text).substr(1, 5), true), "a");
  EXPECT_TRUE(halves.waits());
  EXPECT_EQ(halves.join(std::string_view(second.text).substr(1, 5), true),
            "\xF0\x9F\x98\x80"
            "b");
  EXPECT_EQ(halves.finish(), "");
  EXPECT_FALSE(mend_json("\"\xF4\x8F\xA0\x80\\ud83d\"", HalfPairs::mark).has_marks)
      << "a character that looks like one";
}

}  // namespace
}  // namespace abstractllm
