// SPDX-License-Identifier: Apache-2.0
#include "base/ndjson.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace abstractllm {
namespace {

std::vector<std::string> values_of(std::string_view bytes, std::size_t piece) {
  NdjsonParser parser;
  std::vector<std::string> values;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    parser.feed(bytes.substr(at, piece));
    for (;;) {
      auto value = parser.next();
      if (!value || !*value) break;
      values.emplace_back(**value);
    }
  }
  return values;
}

TEST(Ndjson, CutsValuesHoweverTheBytesAreCut) {
  const std::string_view bytes =
      "{\"a\":1}\n{\"b\":\"}\\\"{\"}\r\n\n{\"c\":[{},{}]}{\"d\":2}  [3]\n{\n \"e\": \"\xF0\x9F\xA6\x8A\"\n}\n{\"cut\":";
  const std::vector<std::string> expected = {
      "{\"a\":1}", "{\"b\":\"}\\\"{\"}", "{\"c\":[{},{}]}", "{\"d\":2}", "[3]", "{\n \"e\": \"\xF0\x9F\xA6\x8A\"\n}"};
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) EXPECT_EQ(values_of(bytes, piece), expected) << piece;
}

TEST(Ndjson, GivesALineThatIsNoObjectToBeRefused) {
  for (const std::size_t piece : {1U, 2U, 100U}) {
    EXPECT_EQ(values_of("oops {no \"json\n{}", piece), (std::vector<std::string>{"oops {no \"json", "{}"}));
  }
}

TEST(Ndjson, KeepsWhatIsLeftAtTheEnd) {
  NdjsonParser parser;
  parser.feed("{}\nno line end");
  ASSERT_TRUE(parser.next().value());
  ASSERT_FALSE(parser.next().value());
  EXPECT_EQ(parser.rest(), "no line end");
}

TEST(Ndjson, RefusesAValueOverTheLimit) {
  NdjsonParser parser(8);
  parser.feed("{\"a\":\"");
  ASSERT_TRUE(parser.next());
  parser.feed("aaaaaaaaaaaa");
  const auto refused = parser.next();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::protocol);
}

}  // namespace
}  // namespace abstractllm
