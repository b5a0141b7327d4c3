// SPDX-License-Identifier: Apache-2.0
#include "base/json.hpp"

#include <gtest/gtest.h>

namespace abstractllm {
namespace {

Error error_of(std::string_view text) {
  const Result<Json> parsed = parse_json(text, "the text");
  EXPECT_FALSE(parsed.has_value()) << text;
  return parsed ? Error() : parsed.error();
}

TEST(ParseJson, KeepsTheOrderOfMembers) {
  const Result<Json> parsed = parse_json(R"({"b":1,"a":2,"c":3})", "the text");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(dump_json(*parsed), R"({"b":1,"a":2,"c":3})");
}

TEST(ParseJson, SaysWhatIsWrongAndAtWhichByte) {
  EXPECT_EQ(error_of(R"({"a":x})").message, "the text is not valid JSON at byte 5; it begins: {\"a\":x}");
  EXPECT_EQ(error_of(R"({"a":1)").message, "the text is not valid JSON at byte 6; it begins: {\"a\":1");
  EXPECT_EQ(error_of("").message, "the text is not valid JSON at byte 0");
  EXPECT_EQ(error_of("{} {}").message, "the text is not valid JSON at byte 3; it begins: {} {}");
  EXPECT_EQ(error_of("").kind, ErrorKind::invalid_argument);
}

TEST(ParseJson, RefusesInvalidUtf8) {
  EXPECT_EQ(error_of("[\"a\xff\"]").message, "the text is not valid JSON at byte 3; it begins: [\"a\\xff\"]");
}

TEST(ParseJson, RefusesANumberThatNoDoubleHolds) {
  EXPECT_EQ(error_of("[1e999]").message, "the text holds a number that is out of range; it begins: [1e999]");
}

TEST(ParseJson, RefusesDeepNestingWithoutCrashing) {
  const std::string deep = std::string(500000, '[') + std::string(500000, ']');
  EXPECT_EQ(error_of(deep).message,
            "the text nests more than 256 levels of JSON; it begins: " + std::string(60, '[') + "…");
  EXPECT_TRUE(parse_json(std::string(256, '[') + std::string(256, ']'), "the text"));
}

TEST(ParseJson, TakesTheLastOfMembersWithOneName) {
  EXPECT_EQ(dump_json(*parse_json(R"({"a":1,"b":2,"a":{"c":3,"c":4},"b":5})", "it")), R"({"a":{"c":4},"b":5})");
}

TEST(ParseServerJson, KeepsItsOwnWordsOutOfTheMessage) {
  const Result<Json> parsed = parse_server_json("<html>\x01", "the listing");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().kind, ErrorKind::protocol);
  EXPECT_EQ(parsed.error().message, "the listing is not valid JSON at byte 0");
  EXPECT_EQ(parsed.error().provider_message, "<html>\\x01");
}

TEST(DumpJson, ReplacesInvalidUtf8) { EXPECT_EQ(dump_json(Json("a\xff")), "\"a\xEF\xBF\xBD\""); }

}  // namespace
}  // namespace abstractllm
