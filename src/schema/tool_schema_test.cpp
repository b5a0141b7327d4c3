// SPDX-License-Identifier: Apache-2.0
#include "schema/tool_schema.hpp"

#include <gtest/gtest.h>

#include <string>

namespace abstractllm {
namespace {

std::shared_ptr<const ToolSchema> schema_of(std::string_view json) {
  auto schema = ToolSchema::read(json);
  if (schema) return *schema;
  ADD_FAILURE() << json << ": " << schema.error().message;
  return *ToolSchema::read("{}");
}

/// What accept() says: the arguments, or "! " and the message.
std::string accepted(std::string_view schema, std::string_view arguments) {
  const auto accepted = schema_of(schema)->accept(arguments);
  if (accepted) return *accepted;
  EXPECT_EQ(accepted.error().kind, ErrorKind::schema_mismatch);
  return "! " + accepted.error().message;
}

constexpr std::string_view weather =
    R"({"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1},
        "stops": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}},
        "required": ["name"]}}}, "required": ["city"], "additionalProperties": false})";

TEST(AcceptArguments, KeepsTheirSpelling) {
  for (const std::string_view arguments : {
           R"({"city":"Paris"})",
           R"(  {"city" : "P\u0061ris\ud83d\ude00", "days": 9007199254740993})",
           R"({"city":"\ud83d","days":12345678901234567890123456789012345678901234567890})",
           R"({"city":"","days":1.0})",
           R"({"city":"","days":1e3})",
       })
    EXPECT_EQ(accepted(weather, arguments), arguments);
}

TEST(AcceptArguments, TakesEmptyTextForAnEmptyObject) {
  EXPECT_EQ(accepted("{}", ""), "{}");
  EXPECT_EQ(accepted("{}", " \n"), "{}");
  EXPECT_EQ(accepted(weather, ""), R"(! missing the required argument "city")");
}

TEST(AcceptArguments, RefusesWhatIsNoObject) {
  EXPECT_EQ(accepted("{}", "null"), "! the arguments must be an object, not null");
  EXPECT_EQ(accepted("{}", R"("")"), R"(! the arguments must be an object, not "")");
  EXPECT_EQ(accepted("{}", "[]"), "! the arguments must be an object, not []");
}

TEST(AcceptArguments, SaysWhereTextIsNoJson) {
  EXPECT_EQ(accepted("{}", R"({"a": tru})"),
            "! the arguments must be one JSON object, but the text is not valid JSON at byte 6");
  EXPECT_EQ(accepted("{}", R"({"a": 1)"),
            "! the arguments must be one JSON object, but the text is not valid JSON: it is cut off at byte 7");
  EXPECT_EQ(accepted("{}", "{\"a\": \"\xff\"}"),
            "! the arguments must be one JSON object, but the text is not valid JSON at byte 7");
  EXPECT_EQ(accepted("{}", "{} {}"),
            "! the arguments must be one JSON object, but the text is not valid JSON at byte 3");
}

TEST(AcceptArguments, NamesTheWrongArgument) {
  EXPECT_EQ(accepted(weather, R"({"city": 3})"), "! city: must be a string, not 3");
  EXPECT_EQ(accepted(weather, R"({"city": "a", "days": "three"})"), R"(! days: must be an integer, not "three")");
  EXPECT_EQ(accepted(weather, R"({"city": "a", "days": 0})"), "! days: must be at least 1, not 0");
  EXPECT_EQ(accepted(weather, R"({"citty": "a"})"), R"(! there is no argument "citty"; did you mean "city"?)");
  EXPECT_EQ(accepted(weather, R"({"city": "a", "zone": 1})"),
            R"(! there is no argument "zone"; the arguments are "city", "days", "stops")");
  EXPECT_EQ(accepted(weather, R"({"city": "a", "stops": [{"name": "b"}, {"name": 1}]})"),
            "! stops[1].name: must be a string, not 1");
  EXPECT_EQ(accepted(weather, R"({"city": "a", "stops": [{"name": "b"}, {}]})"),
            R"(! stops[1]: missing the required member "name")");
  EXPECT_EQ(accepted(R"({"additionalProperties": false})", R"({"a": 1})"),
            R"(! there is no argument "a"; no arguments are allowed)");
}

TEST(AcceptArguments, RefusesANameThatIsThereTwice) {
  EXPECT_EQ(accepted("{}", R"({"city": 1, "c\u0069ty": 2})"), R"(! the arguments must not have "city" twice)");
  EXPECT_EQ(accepted("{}", R"({"a": [{"b": 1, "c": 2, "b": 1}]})"), R"(! a[0]: must not have "b" twice)");
}

TEST(AcceptArguments, LeavesOutNullsThatStrictModeInvites) {
  EXPECT_EQ(accepted(weather, R"({"city": "a", "days": null})"), R"({"city":"a"})");
  EXPECT_EQ(accepted(weather, R"({"days": null, "city": "a", "stops": null})"), R"({"city":"a"})");
  constexpr std::string_view nested =
      R"({"properties": {"stops": {"items": {"$ref": "#/$defs/stop"}}, "id": {"type": "integer"}},
      "$defs": {"stop": {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": ["string", "null"]},
                "more": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/stop"}]}}}}})";
  EXPECT_EQ(accepted(nested, R"({"stops": [{"a": null, "b": null, "more": {"a": null}}], "id": 1234567890123456789})"),
            R"({"stops":[{"b":null,"more":{}}],"id":1234567890123456789})");
}

TEST(AcceptArguments, KeepsNullsThatAreAllowedOrRequired) {
  EXPECT_EQ(accepted(weather, R"({"city": null})"), "! city: must be a string, not null");
  constexpr std::string_view nullable =
      R"({"properties": {"a": {"type": ["string", "null"]}, "b": {}, "c": {"enum": [1, null]}}})";
  constexpr std::string_view nulls = R"({"a": null, "b": null, "c": null, "d": null})";
  EXPECT_EQ(accepted(nullable, nulls), nulls);
  EXPECT_EQ(accepted(weather, R"({"city": "a", "citty": null})"),
            R"(! there is no argument "citty"; did you mean "city"?)");
}

TEST(AcceptArguments, JudgesTheRestWithoutNullsOnceMore) {
  // One part leaves `a` out, and the other one requires it.
  EXPECT_EQ(
      accepted(R"({"allOf": [{"properties": {"a": {"type": "string"}}}, {"required": ["a"]}]})", R"({"a": null})"),
      R"(! missing the required argument "a")");
  EXPECT_EQ(accepted(R"({"properties": {"a": {"type": "string"}}, "minProperties": 1})", R"({"a": null})"),
            "! the arguments must have at least 1 member, not 0");
}

TEST(AcceptArguments, KeepsAnEmptyNameAndOneThatLooksLikeAKeyword) {
  constexpr std::string_view schema = R"({"properties": {"": {"type": "null"}, "properties": {"type": "string"},
      "$ref": {"type": "integer"}, "title": {"type": "boolean"}}, "required": ["$ref", ""]})";
  EXPECT_EQ(accepted(schema, R"({"": null, "$ref": 1})"), R"({"": null, "$ref": 1})");
  EXPECT_EQ(accepted(schema, R"({"": null, "$ref": "#"})"), R"(! ["$ref"]: must be an integer, not "#")");
  EXPECT_EQ(accepted(schema, R"({"$ref": 2})"), R"(! missing the required argument "")");
}

TEST(AcceptArguments, TakesEveryCutForAFault) {
  constexpr std::string_view whole =
      R"({"city":"P\u00e9\ud83d\ude00é😀","days":12345678901234567890.0,"stops":[{"name":"x","y":[true,null,-1e-5]}]})";
  const auto schema = schema_of(weather);
  ASSERT_TRUE(schema->accept(whole)) << schema->accept(whole).error().message;
  for (std::size_t size = 1; size < whole.size(); ++size) {
    const auto cut = schema->accept(whole.substr(0, size));
    ASSERT_FALSE(cut) << size;
    EXPECT_NE(cut.error().message.find("is not valid JSON"), std::string::npos) << cut.error().message;
  }
}

TEST(AcceptArguments, ShowsValuesShortAndWithoutControlCharacters) {
  const std::string shown =
      accepted(R"({"properties": {"a": {"type": "integer"}}})", "{\"a\": \"\x7f" + std::string(100000, 'x') + "\"}");
  EXPECT_LT(shown.size(), 120U);
  EXPECT_EQ(shown.find('\x7f'), std::string::npos);
  const std::string name =
      accepted(R"({"additionalProperties": false})", R"({"\u0000\u001b)" + std::string(9000, 'n') + R"(": 1})");
  EXPECT_LT(name.size(), 130U);
  EXPECT_NE(name.find(R"("\x00\x1b)"), std::string::npos) << name;
}

TEST(CheckValue, TakesAnyJson) {
  const auto schema = schema_of(R"({"type": ["object", "string"]})");
  EXPECT_FALSE(schema->check(R"("a")"));
  EXPECT_FALSE(schema->check("{}"));
  const auto fault = schema->check("3");
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->path, "");
  EXPECT_EQ(fault->message, "must be a string or an object, not 3");
  EXPECT_EQ(schema->check("{")->message, "is not valid JSON: it is cut off at byte 1");
}

TEST(CheckValue, NamesThePath) {
  const auto schema = schema_of(R"({"properties": {"a b": {"items": {"additionalProperties": {"type": "null"}}}}})");
  EXPECT_EQ(schema->check(R"({"a b": [{}, {"c": null, "d": 1}]})")->path, R"(["a b"][1].d)");
}

}  // namespace
}  // namespace abstractllm
