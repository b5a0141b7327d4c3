// SPDX-License-Identifier: Apache-2.0
#include "schema/adapted_schemas.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "schema/json_pieces.hpp"

namespace abstractllm {
namespace {

constexpr std::string_view refused_words[] = {"title", "pattern", "const"};
constexpr std::string_view root_words[] = {"anyOf"};
constexpr std::string_view strict_words[] = {"type",  "properties",  "required", "additionalProperties",
                                             "items", "enum",        "anyOf",    "$ref",
                                             "$defs", "description", "minimum",  "format"};
constexpr SchemaSubset no_rules{};
constexpr SchemaSubset refusing{refused_words, root_words, {}};
constexpr SchemaSubset strict_mode{{}, root_words, strict_words};

std::string sent(std::string_view json, const SchemaSubset& rules = no_rules) { return adapt_schema(json, rules).json; }

TEST(AdaptedSchema, KeepsTheSpellingOfWhatIsAccepted) {
  const std::string json =
      R"({"type":"object","properties":{"a\u0062":{"minimum":1.0,"maximum":123456789012345678901e5}},"x":[1,{}]})";
  EXPECT_EQ(sent(json), json);
  EXPECT_EQ(sent("{}"), R"({"type":"object","properties":{}})");
  EXPECT_EQ(sent(R"({"type":"object"})"), R"({"type":"object","properties":{}})");
}

TEST(AdaptedSchema, LeavesOutKeywordsAndNotNames) {
  const AdaptedSchema schema =
      adapt_schema(R"({"title":"t","type":"object","properties":{"title":{"type":"string","pattern":"a"},)"
                   R"("pattern":{"anyOf":[{"const":1},{"title":"x"}]}},"$defs":{"const":{"const":2}},)"
                   R"("default":{"title":"data"},"anyOf":[{}],"items":[{"title":"y"}]})",
                   refusing);
  EXPECT_EQ(schema.json, R"({"type":"object","properties":{"title":{"type":"string"},"pattern":{"anyOf":[{},{}]}},)"
                         R"("$defs":{"const":{}},"default":{"title":"data"},"items":[{}]})");
  EXPECT_EQ(schema.removed, (std::vector<std::string>{"title", "pattern", "const", "anyOf"}));
  EXPECT_FALSE(schema.strict);
  EXPECT_EQ(sent(R"({"\u0074itle":"t","type":"object","properties":{}})", refusing),
            R"({"type":"object","properties":{}})");
}

TEST(AdaptedSchema, LeavesOutTrueAndFalseForOtherMembersSilently) {
  constexpr static std::string_view words[] = {"additionalProperties"};
  constexpr static SchemaSubset without{words, {}, {}};
  const AdaptedSchema silent =
      adapt_schema(R"({"type":"object","properties":{"additionalProperties":{"type":"object",)"
                   R"("properties":{},"additionalProperties":true}},"additionalProperties":false})",
                   without);
  EXPECT_EQ(silent.json,
            R"({"type":"object","properties":{"additionalProperties":{"type":"object","properties":{}}}})");
  EXPECT_EQ(silent.removed, std::vector<std::string>());
  const AdaptedSchema map = adapt_schema(
      R"({"type":"object","properties":{},"additionalProperties":{"additionalProperties":false}})", without);
  EXPECT_EQ(map.json, R"({"type":"object","properties":{}})");
  EXPECT_EQ(map.removed, std::vector<std::string>{"additionalProperties"});
}

TEST(AdaptedSchema, SaysThatArgumentsAreAnObject) {
  for (const char* other : {R"({"type":"string"})", R"({"type":["object","null"]})", R"({"type":1})"})
    EXPECT_NE(adapt_schema(other, no_rules).fault, "") << other;
}

TEST(AdaptedSchema, IsStrictWithAllPropertiesRequiredAndTheOptionalOnesNullable) {
  const AdaptedSchema schema = adapt_schema(
      R"({"type":"object","additionalProperties":false,"required":["a"],"properties":{"a":{"type":"integer"},)"
      R"("b":{"type":"string","description":"d"},"c":{"type":"string","enum":["x"]},"d":{"type":["string","null"]},)"
      R"("e":{"$ref":"#/$defs/p"},"f":{"type":["integer","string"],"enum":[1,null]}},)"
      R"("$defs":{"p":{"type":"object","additionalProperties":false}}})",
      strict_mode);
  EXPECT_TRUE(schema.strict);
  EXPECT_EQ(schema.json,
            R"({"type":"object","additionalProperties":false,"properties":{"a":{"type":"integer"},)"
            R"("b":{"type":["string","null"],"description":"d"},)"
            R"("c":{"anyOf":[{"type":"string","enum":["x"]},{"type":"null"}]},"d":{"type":["string","null"]},)"
            R"("e":{"anyOf":[{"$ref":"#/$defs/p"},{"type":"null"}]},)"
            R"("f":{"anyOf":[{"type":["integer","string"],"enum":[1,null]},{"type":"null"}]}},)"
            R"("$defs":{"p":{"type":"object","additionalProperties":false,"properties":{},"required":[]}},)"
            R"("required":["a","b","c","d","e","f"]})");
}

TEST(AdaptedSchema, LeavesTheLimitsOfTypesOf64BitsOutOfStrictMode) {
  const AdaptedSchema schema =
      adapt_schema(R"({"type":"object","additionalProperties":false,"required":["a","b"],"properties":{)"
                   R"("a":{"type":"integer","minimum":-9223372036854775808,"maximum":9223372036854775807},)"
                   R"("b":{"minimum":0,"maximum":18446744073709551615,"type":"integer"},)"
                   R"("c":{"type":"integer","minimum":5,"maximum":9223372036854775807,"description":"d"}}})",
                   strict_mode);
  EXPECT_TRUE(schema.strict);
  EXPECT_EQ(schema.json, R"({"type":"object","additionalProperties":false,"properties":{"a":{"type":"integer"},)"
                         R"("b":{"minimum":0,"type":"integer"},)"
                         R"("c":{"type":["integer","null"],"minimum":5,"description":"d"}},"required":["a","b","c"]})");
  EXPECT_EQ(schema.removed, std::vector<std::string>());
}

TEST(AdaptedSchema, IsNotStrictIfAnythingIsUncertain) {
  const std::string closed = R"("type":"object","additionalProperties":false)";
  const auto with = [&](const std::string& a) { return "{" + closed + R"(,"properties":{"a":)" + a + "}}"; };
  EXPECT_TRUE(adapt_schema(with(R"({"type":"string"})"), strict_mode).strict);
  for (const std::string& open :
       {std::string(R"({"type":"object","properties":{}})"), "{" + closed + R"(,"anyOf":[{}]})",
        "{" + closed + R"(,"required":["b"],"properties":{"a":{"type":"string"}}})",
        "{" + closed + R"(,"properties":{"a":{"type":"string"},"a":{"type":"string"}}})", with(R"({"type":"object"})"),
        with(R"({"type":"array"})"), with("true"), with("{}"), with(R"({"enum":[1]})"),
        with(R"({"type":"string","pattern":"a"})"), with(R"({"type":"string","default":"a"})"),
        with(R"({"type":"string","format":"uri"})"), with(R"({"$ref":"#","description":"d"})"),
        with(R"({"type":"integer","minimum":-9223372036854775807})"),
        with(R"({"type":"integer","minimum":9223372036854775807})"), with(R"({"type":"string","properties":{}})")}) {
    const AdaptedSchema schema = adapt_schema(open, strict_mode);
    EXPECT_FALSE(schema.strict) << open;
    if (open.find("[{}]") == std::string::npos) {
      EXPECT_EQ(schema.json, open);
    }
  }
  std::string deep = R"({"type":"string"})";
  for (int level = 0; level < 12; ++level) deep = with(deep);
  EXPECT_FALSE(adapt_schema(deep, strict_mode).strict);
}

TEST(AdaptedSchema, ReadsSchemasOfTheGreatestDepth) {
  std::string deep = "{}";
  for (int level = 1; level < 199; ++level) deep = R"({"title":"t","not":)" + deep + "}";
  EXPECT_EQ(sent(deep, refusing).find("title"), std::string::npos);
}

TEST(JsonPieces, SplitNoDeeperThanTheyShould) {
  const std::string json = R"({"a":{"b":[{}]},"c":[[1],2]})";
  const JsonPiece whole = json_pieces(json, 1);
  ASSERT_EQ(whole.members.size(), 2U);
  EXPECT_EQ(whole.find("a")->text, R"({"b":[{}]})");
  EXPECT_TRUE(whole.find("a")->members.empty());
  EXPECT_EQ(whole.find("c")->text, "[[1],2]");
  EXPECT_EQ(json_pieces(json, 2).find("c")->elements.at(0).text, "[1]");
}

TEST(AdaptedSchemas, MakeEachFormOnceForAllThreads) {
  const AdaptedSchemas schemas;
  const std::string json = R"({"title":"t","type":"object","properties":{}})";
  std::vector<const AdaptedSchema*> seen(4);
  std::vector<std::jthread> threads;
  threads.reserve(seen.size());
  for (const AdaptedSchema*& each : seen)
    threads.emplace_back([&schemas, &json, &each] { each = &schemas.of(json, refusing); });
  threads.clear();
  for (const AdaptedSchema* each : seen) EXPECT_EQ(each->json, R"({"type":"object","properties":{}})");
  EXPECT_EQ(&schemas.of(json, refusing), &schemas.of(json, refusing));
  EXPECT_EQ(schemas.of(json, no_rules).json, json);
}

}  // namespace
}  // namespace abstractllm
