// SPDX-License-Identifier: Apache-2.0
#include "schema/schema_reader.hpp"

#include <gtest/gtest.h>

#include <string>

#include "schema/tool_schema.hpp"

namespace abstractllm {
namespace {

/// What is wrong with a schema, or "".
std::string fault_of(std::string_view schema) {
  const auto read = ToolSchema::read(schema);
  if (read) return "";
  EXPECT_EQ(read.error().kind, ErrorKind::invalid_argument);
  return read.error().message;
}

TEST(ReadSchema, KeepsTheSchemaWithoutBlanks) {
  const auto schema = ToolSchema::read(" { \"type\" : \"object\",\n \"description\" : \"a  b\\u0041\" } ");
  ASSERT_TRUE(schema);
  EXPECT_EQ((*schema)->json(), R"({"type":"object","description":"a  b\u0041"})");
}

TEST(ReadSchema, NeedsAnObjectAtTheTop) {
  EXPECT_EQ(fault_of("true"), "the schema must be a JSON object");
  EXPECT_EQ(fault_of("[]"), "the schema must be a JSON object");
  EXPECT_EQ(fault_of(""), "the schema is not valid JSON: it is cut off at byte 0");
  EXPECT_EQ(fault_of("{,"), "the schema is not valid JSON at byte 1");
  EXPECT_EQ(fault_of(R"({"type": "string"})"), R"(the schema describes no object: its type must be "object")");
  EXPECT_EQ(fault_of(R"({"type": ["object", "null"]})"), "");
  EXPECT_EQ(fault_of("{}"), "");
}

TEST(ReadSchema, TakesEveryKeywordThatItChecksAndAnnotations) {
  EXPECT_EQ(
      fault_of(
          R"({"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "x", "$comment": "c", "type": "object",
      "title": "t", "description": "d", "default": {}, "examples": [{"if": 1}], "example": 1, "deprecated": true,
      "readOnly": false, "writeOnly": false, "format": "date", "additionalProperties": {"type": "string"},
      "minProperties": 0, "maxProperties": 9, "required": ["a"], "properties": {"a": true, "b": false,
      "list": {"type": "array", "items": false, "prefixItems": [{"const": 1}, true], "minItems": 1, "maxItems": 2.0, "uniqueItems": true},
      "number": {"minimum": 1, "maximum": 1e400, "exclusiveMinimum": -1.5, "exclusiveMaximum": 3, "multipleOf": 0.01},
      "string": {"minLength": 1, "maxLength": 12345678901234567890123, "pattern": "^[a-z]+$"},
      "any": {"anyOf": [{"type": "null"}], "oneOf": [{}], "allOf": [{"enum": [1, "a"]}], "not": {}}},
      "$defs": {"x": {}}, "definitions": {"if": {"$ref": "#/$defs/x"}}})"),
      "");
}

TEST(ReadSchema, RefusesKeywordsThatWouldNotBeChecked) {
  for (const std::string keyword :
       {"if", "then", "patternProperties", "propertyNames", "contains", "unevaluatedProperties", "dependentRequired",
        "$anchor", "$dynamicRef", "contentEncoding", "x-mine", ""}) {
    const std::string fault = fault_of(R"({"properties": {"a/b~": {")" + keyword + R"(": {}}}})");
    EXPECT_TRUE(fault.starts_with("\"/properties/a~1b~0/" + keyword + "\" is a keyword that is not supported"))
        << fault;
    EXPECT_NE(fault.find(": type, enum, const, properties, required"), std::string::npos) << fault;
  }
  EXPECT_NE(fault_of(R"({"propertys": {}})").find(R"(did you mean "properties"?)"), std::string::npos);
  EXPECT_EQ(fault_of(R"({"properties": {"a": {"nullable": true}}})"),
            R"("/properties/a/nullable" is not JSON Schema; write "type": ["string", "null"] for a string or null)");
  EXPECT_EQ(fault_of(R"({"properties": {"a": {"$id": "x"}}})"), R"("/properties/a/$id" is supported at the top only)");
}

TEST(ReadSchema, KnowsMapsOfNamesFromSchemas) {
  EXPECT_EQ(fault_of(R"({"properties": {"title": {}, "properties": {}, "$ref": {}, "if": {}, "nullable": true},
      "$defs": {"patternProperties": {}}, "required": ["then"]})"),
            "");
  EXPECT_EQ(fault_of(R"({"properties": {"title": "a"}})"),
            R"("/properties/title" must be a schema: a JSON object, true or false, not "a")");
}

TEST(ReadSchema, RefusesValuesOfTheWrongType) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {R"({"type": "int"})",
       R"("/type" must be one of null, boolean, integer, number, string, array, object, not "int")"},
      {R"({"type": []})", R"("/type" must name a type)"},
      {R"({"type": ["object", 1]})",
       R"("/type/1" must be one of null, boolean, integer, number, string, array, object, not 1)"},
      {R"({"properties": []})", R"("/properties" must be an object of names and schemas)"},
      {R"({"required": "a"})", R"("/required" must be a list of names)"},
      {R"({"required": [1]})", R"("/required/0" must be a name)"},
      {R"({"items": [{}]})", R"("/items" must be one schema; a list of schemas is written as prefixItems)"},
      {R"({"minItems": -1})", R"("/minItems" must be an integer of at least 0, not -1)"},
      {R"({"minLength": 1.5})", R"("/minLength" must be an integer of at least 0, not 1.5)"},
      {R"({"minLength": "1"})", R"("/minLength" must be an integer of at least 0, not "1")"},
      {R"({"exclusiveMinimum": true})", R"("/exclusiveMinimum" must be a number, not true)"},
      {R"({"multipleOf": 0})", R"("/multipleOf" must be more than 0 and have at most 18 digits)"},
      {R"({"uniqueItems": 1})", R"("/uniqueItems" must be true or false)"},
      {R"({"enum": []})", R"("/enum" must have at least one value)"},
      {R"({"anyOf": []})", R"("/anyOf" must be a list of at least one schema)"},
      {R"({"pattern": 1})", R"("/pattern" must be a string)"},
      {R"({"$defs": {"a": 1}})", R"("/$defs/a" must be a schema: a JSON object, true or false, not 1)"},
      {R"({"properties": {"a": {}, "a": {}}})", R"("/properties" must not have "a" twice)"},
      {R"({"minimum": 1e9999999999})", R"("/minimum" must have an exponent of at most nine digits)"},
  };
  for (const auto& [schema, fault] : cases) EXPECT_EQ(fault_of(schema), fault) << schema;
}

TEST(ReadSchema, FollowsReferencesInTheSchemaOnly) {
  EXPECT_EQ(fault_of(R"({"properties": {"next": {"$ref": "#"}}})"), "");
  EXPECT_EQ(fault_of(R"({"$ref": "#/$defs/a%20b~1c", "$defs": {"a b/c": {"$ref": "#/properties/p/anyOf/1"}},
                        "properties": {"p": {"anyOf": [{}, true]}}})"),
            "");
  EXPECT_EQ(fault_of(R"({"$ref": "other.json"})"),
            R"("/$ref" must name a place in this schema, such as "#/$defs/city", not "other.json")");
  EXPECT_EQ(fault_of(R"({"$ref": "#/$defs/no"})"), R"("/$ref" names a place that does not exist: "#/$defs/no")");
  EXPECT_EQ(fault_of(R"({"$ref": "#anchor"})"), R"("/$ref" names a place that does not exist: "#anchor")");
  EXPECT_EQ(fault_of(R"({"$ref": "#/default", "default": {}})"),
            R"("/$ref" names a place where there is no schema: "#/default")");
}

TEST(ReadSchema, RefusesReferencesWithoutAnEnd) {
  constexpr std::string_view endless = " refers to itself for the same value, so a check would never end";
  EXPECT_EQ(fault_of(R"({"$ref": "#"})"), "the schema" + std::string(endless));
  EXPECT_NE(fault_of(R"({"allOf": [{"not": {"$ref": "#"}}]})").find(endless), std::string::npos);
  EXPECT_NE(
      fault_of(R"({"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"anyOf": [{}, {"$ref": "#/$defs/a"}]}}})").find(endless),
      std::string::npos);
  EXPECT_EQ(
      fault_of(
          R"({"anyOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/a"}], "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {}}})"),
      "");
}

TEST(ReadSchema, CompilesPatterns) {
  for (const std::string pattern : {"(?=a)b", "(a)\\\\1", "(?<!a)b", "[", "(a"}) {
    const std::string fault = fault_of(R"({"pattern": ")" + pattern + "\"}");
    EXPECT_TRUE(fault.starts_with("\"/pattern\" cannot be compiled by RE2 (")) << fault;
  }
  EXPECT_EQ(fault_of(R"({"pattern": "^\\u00e9\\ud83d\\ude00\\/\\d{1,3}\\p{L}$"})"), "");
  EXPECT_NE(fault_of(R"({"pattern": "((a{1,1000}){1,1000}){1,1000}"})"), "");
  std::string many = R"({"allOf": [{"pattern": "0"})";
  for (int at = 1; at < 100; ++at) many += R"(,{"pattern": ")" + std::to_string(at) + "\"},{\"pattern\": \"0\"}";
  EXPECT_EQ(fault_of(many + "]}"), "");
  EXPECT_NE(fault_of(many + R"(,{"pattern": "a"}]})").find("is one pattern too many"), std::string::npos);
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t at = 0; at < times; ++at) all += text;
  return all;
}

TEST(ReadSchema, HasLimits) {
  const auto nested = [](std::size_t levels) {
    return repeated(R"({"not":)", levels - 1) + "{}" + std::string(levels - 1, '}');
  };
  EXPECT_EQ(fault_of(nested(200)), "");
  EXPECT_EQ(fault_of(nested(201)), "the schema nests more than 200 levels");
  EXPECT_EQ(fault_of(nested(100000)), "the schema nests more than 200 levels");
  EXPECT_EQ(fault_of(R"({"title":")" + std::string(2 << 20, 'a') + "\"}"), "the schema has more than 1 MiB");
  EXPECT_EQ(fault_of(R"({"enum":[)" + repeated("1,", 100000) + "1]}"), "the schema has more than 100000 values");
  EXPECT_EQ(fault_of(R"({"pattern":")" + std::string(20000, 'a') + "\"}"), "");
  EXPECT_NE(fault_of(R"({"pattern":")" + std::string(100001, 'a') + "\"}").find("is too large"), std::string::npos);
}

TEST(ReadSchema, FollowsALongChainOfReferences) {
  std::string chain = R"({"$ref":"#/$defs/0","$defs":{)";
  for (int at = 0; at < 15000; ++at)
    chain += "\"" + std::to_string(at) + R"(":{"$ref":"#/$defs/)" + std::to_string(at + 1) + "\"},";
  const auto schema = ToolSchema::read(chain + R"("15000":{}}})");
  ASSERT_TRUE(schema) << schema.error().message;
  EXPECT_EQ((*schema)->check("{}")->message, "is too complex to check");
  EXPECT_NE(fault_of(chain + R"("15000":{"$ref":"#"}}})").find("refers to itself"), std::string::npos);
}

TEST(ReadSchema, TakesEveryCutForAFault) {
  constexpr std::string_view whole =
      R"({"type":"object","properties":{"a":{"enum":[1,"\u00e9"],"pattern":"a+"},"b":{"$ref":"#"}},"required":["a"]})";
  ASSERT_EQ(fault_of(whole), "");
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_NE(fault_of(whole.substr(0, size)), "") << size;
}

}  // namespace
}  // namespace abstractllm
