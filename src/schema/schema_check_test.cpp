// SPDX-License-Identifier: Apache-2.0
#include "schema/schema_check.hpp"

#include <gtest/gtest.h>

#include <string>

namespace abstractllm {
namespace {

/// The fault of a value, as "path: message"; "" if there is none. The schema is that of the member v.
std::string fault_of(std::string_view schema, std::string_view value) {
  const auto read = ToolSchema::read(R"({"properties":{"v":)" + std::string(schema) + "}}");
  if (!read) return read.error().message;
  const std::string object = R"({"v":)" + std::string(value) + "}";
  const auto fault = (*read)->check(object);
  const auto again = (*read)->check(object);
  EXPECT_EQ(fault.has_value(), again.has_value());
  return fault ? fault->path + ": " + fault->message : "";
}

struct Case {
  std::string_view schema;
  std::string_view value;
  std::string_view fault = "";
};

void expect(std::initializer_list<Case> cases) {
  for (const Case& each : cases) EXPECT_EQ(fault_of(each.schema, each.value), each.fault) << each.schema << each.value;
}

TEST(CheckSchema, Types) {
  expect({
      {"{}", "1"},
      {"true", "null"},
      {"false", "1", "v: is not allowed"},
      {R"({"type":"null"})", "null"},
      {R"({"type":"null"})", "0", "v: must be null, not 0"},
      {R"({"type":"boolean"})", "false"},
      {R"({"type":"boolean"})", "\"false\"", R"(v: must be true or false, not "false")"},
      {R"({"type":"array"})", "[]"},
      {R"({"type":"array"})", "{}", "v: must be a list, not {}"},
      {R"({"type":"object"})", "{}"},
      {R"({"type":"object"})", R"([{"a": 1}])", R"(v: must be an object, not [{"a": 1}])"},
      {R"({"type":"number"})", "1.5"},
      {R"({"type":"integer"})", "1.0"},
      {R"({"type":"integer"})", "1e3"},
      {R"({"type":"integer"})", "123456789012345678901234567890"},
      {R"({"type":"integer"})", "1.5", "v: must be an integer, not 1.5"},
      {R"({"type":["integer","null"]})", "true", "v: must be an integer or null, not true"},
      {R"({"type":["integer","number","string","null"]})", "[]", "v: must be a string, a number or null, not []"},
  });
}

TEST(CheckSchema, NumbersExactly) {
  expect({
      {R"({"maximum":9007199254740992})", "9007199254740992"},
      {R"({"maximum":9007199254740992})", "9007199254740993",
       "v: must be at most 9007199254740992, not 9007199254740993"},
      {R"({"maximum":18446744073709551615})", "18446744073709551616",
       "v: must be at most 18446744073709551615, not 18446744073709551616"},
      {R"({"minimum":-9223372036854775808})", "-9223372036854775809",
       "v: must be at least -9223372036854775808, not -9223372036854775809"},
      {R"({"minimum":0.1})", "0.1"},
      {R"({"exclusiveMinimum":0.1})", "0.10", "v: must be more than 0.1, not 0.10"},
      {R"({"exclusiveMaximum":5})", "5e0", "v: must be less than 5, not 5e0"},
      {R"({"exclusiveMaximum":5})", "4.99999999999999999999999"},
      {R"({"multipleOf":0.01})", "19.99"},
      {R"({"multipleOf":0.01})", "19.999", "v: must be a multiple of 0.01, not 19.999"},
      {R"({"minimum":5})", "\"a\""},
      {"{}", "1e99999999999", "v: must have an exponent of at most nine digits"},
  });
}

TEST(CheckSchema, Strings) {
  expect({
      {R"({"minLength":2,"maxLength":2})", R"("é😀")"},
      {R"({"minLength":2,"maxLength":2})", R"("\u00e9\ud83d\ude00")"},
      {R"({"minLength":2})", R"("😀")", "v: must have at least 2 characters, not 1"},
      {R"({"maxLength":1})", R"("\n\"")", "v: must have at most 1 character, not 2"},
      {R"({"maxLength":2})", R"("\ud83d\u0041")"},
      {R"({"pattern":"b"})", "\"abc\""},
      {R"({"pattern":"^b"})", "\"abc\"", R"(v: must match the pattern "^b", not "abc")"},
      {R"({"pattern":"^\\u00e9.$"})", "\"é😀\""},
      {R"({"pattern":"^\\ud83d\\ude00$"})", "\"😀\""},
      {R"({"pattern":"^\\\\u$"})", R"("\\u")"},
      {R"({"pattern":"^[^a]$"})", R"("\ud83d")"},
      {R"({"pattern":"a$"})", R"("a\n")", R"(v: must match the pattern "a$", not "a\n")"},
      {R"({"pattern":"b"})", "1"},
  });
}

TEST(CheckSchema, AllowedValues) {
  expect({
      {R"({"enum":["a",1,null,[1,{"x":2,"y":3}]]})", "1.0"},
      {R"({"enum":["a",1,null,[1,{"x":2,"y":3}]]})", R"([1e0,{"y":3,"x":2}])"},
      {R"({"enum":["a"]})", R"("\u0061")"},
      {R"({"enum":["a",1]})", "\"b\"", R"(v: must be one of "a", 1, not "b")"},
      {R"({"enum":["a"]})", "true", R"(v: must be "a", not true)"},
      {R"({"enum":[{"a":1}]})", R"({"a":1,"b":2})", R"(v: must be {"a":1}, not {"a":1,"b":2})"},
      {R"({"enum":[[1]]})", "[1,2]", "v: must be [1], not [1,2]"},
      {R"({"const":12345678901234567890})", "12345678901234567891",
       "v: must be 12345678901234567890, not 12345678901234567891"},
      {R"({"const":0})", "-0.0"},
      {R"({"const":false})", "0", "v: must be false, not 0"},
  });
  std::string many = R"({"enum":[0)";
  for (int at = 1; at < 5000; ++at) many += "," + std::to_string(at);
  const std::string fault = fault_of(many + "]}", "-1");
  EXPECT_LT(fault.size(), 300U);
  EXPECT_NE(fault.find(" more, not -1"), std::string::npos) << fault;
  EXPECT_EQ(fault_of(many + "]}", "4999"), "");
}

TEST(CheckSchema, Lists) {
  expect({
      {R"({"items":{"type":"integer"}})", "[1,2]"},
      {R"({"items":{"type":"integer"}})", "[1,\"2\"]", R"(v[1]: must be an integer, not "2")"},
      {R"({"prefixItems":[{"type":"integer"},{"type":"string"}]})", R"([1,"a",null])"},
      {R"({"prefixItems":[{"type":"integer"},{"type":"string"}]})", "[1,2]", "v[1]: must be a string, not 2"},
      {R"({"prefixItems":[true],"items":false})", "[1]"},
      {R"({"prefixItems":[true],"items":false})", "[1,2]", "v[1]: must not be there: the list may have 1 items"},
      {R"({"prefixItems":[true],"items":{"type":"null"}})", "[1,2]", "v[1]: must be null, not 2"},
      {R"({"minItems":1})", "[]", "v: must have at least 1 item, not 0"},
      {R"({"maxItems":1})", "[[],[]]", "v: must have at most 1 item, not 2"},
      {R"({"uniqueItems":true})", R"([1,"1",true,null,[],{},[1],{"a":1}])"},
      {R"({"uniqueItems":true})", "[2,1,1.0]", "v: must not have equal items, but [1] and [2] are equal"},
      {R"({"uniqueItems":true})", R"([{"a":1,"b":2},0,{"b":2,"a":1}])",
       "v: must not have equal items, but [0] and [2] are equal"},
      {R"({"uniqueItems":true})", R"(["A","\u0041"])", "v: must not have equal items, but [0] and [1] are equal"},
      {R"({"uniqueItems":false})", "[1,1]"},
  });
}

TEST(CheckSchema, Objects) {
  expect({
      {R"({"required":["a","b"]})", R"({"b":1,"a":2})"},
      {R"({"required":["a","b"]})", R"({"a":1})", R"(v: missing the required member "b")"},
      {R"({"required":["\u0061","a"]})", R"({"\u0061":1})"},
      {R"({"properties":{"a":{"type":"null"}}})", R"({"b":1})"},
      {R"({"properties":{"a":false}})", R"({"a":1})", "v.a: is not allowed"},
      {R"({"required":["a"],"additionalProperties":false})", R"({"a":1})",
       R"(v: there is no member "a"; no members are allowed)"},
      {R"({"additionalProperties":{"type":"integer"}})", R"({"x":1,"y z":"2"})",
       R"(v["y z"]: must be an integer, not "2")"},
      {R"({"minProperties":1})", "{}", "v: must have at least 1 member, not 0"},
      {R"({"maxProperties":1})", R"({"a":1,"b":2})", "v: must have at most 1 member, not 2"},
  });
}

TEST(CheckSchema, Combinations) {
  constexpr std::string_view shapes =
      R"({"anyOf":[{"properties":{"kind":{"const":"circle"},"radius":{"type":"number"}},"required":["kind","radius"]},
          {"properties":{"kind":{"const":"line"},"length":{"type":"number"}},"required":["kind","length"]}]})";
  expect({
      {R"({"anyOf":[{"type":"string"},{"type":"integer"}]})", "1"},
      {R"({"anyOf":[{"type":"string"},{"type":"integer"}]})", "true", "v: must be a string or an integer, not true"},
      {R"({"anyOf":[{"type":"string","minLength":2},{"type":"null"}]})", "\"\"",
       "v: must have at least 2 characters, not 0"},
      {R"({"anyOf":[{"minimum":5},{"multipleOf":2}]})", "3", "v: must match one of 2 alternatives, not 3"},
      {shapes, R"({"kind":"line","length":2})"},
      {shapes, R"({"kind":"line"})", R"(v: missing the required member "length")"},
      {shapes, R"({"kind":"line","length":"a"})", R"(v.length: must be a number, not "a")"},
      {R"({"oneOf":[{"multipleOf":2},{"multipleOf":3}]})", "4"},
      {R"({"oneOf":[{"multipleOf":2},{"multipleOf":3},true]})", "6",
       "v: must match exactly one of 3 alternatives, but matches 3"},
      {R"({"oneOf":[{"type":"null"},{"type":"boolean"}]})", "6", "v: must be true or false or null, not 6"},
      {R"({"allOf":[{"minimum":2},{"maximum":3}]})", "4", "v: must be at most 3, not 4"},
      {R"({"not":{"type":"string"}})", "1"},
      {R"({"not":{"type":"string"}})", "\"a\"", R"(v: must not match {"type":"string"}, not "a")"},
      {R"({"not":{"not":{"type":"string"}}})", "\"a\""},
      {R"({"$ref":"#/$defs/n","minimum":1,"$defs":{}})", "1",
       R"("/properties/v/$ref" names a place that does not exist: "#/$defs/n")"},
      {R"({"type":"object","properties":{"next":{"$ref":"#/properties/v"},"n":{"type":"integer"}},"additionalProperties":false})",
       R"({"n":1,"next":{"n":2,"next":{"n":"3"}}})", R"(v.next.next.n: must be an integer, not "3")"},
      {R"({"anyOf":[{"type":"integer"},{"type":"array","items":{"$ref":"#/properties/v"}}]})", "[1,[2,[[]]]]"},
      {R"({"anyOf":[{"type":"integer"},{"type":"array","items":{"$ref":"#/properties/v"}}]})", "[1,[2,[[\"a\"]]]]",
       R"(v[1][1][0][0]: must be an integer or a list, not "a")"},
  });
}

// What follows is hostile. Without bounds these would take hours, or end the process.
std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t at = 0; at < times; ++at) all += text;
  return all;
}

TEST(HostileValue, APatternThatOthersBacktrackOn) {
  constexpr std::string_view schema = R"({"pattern":"^(a+)+$"})";
  EXPECT_EQ(fault_of(schema, '"' + std::string(28, 'a') + '"'), "");
  EXPECT_NE(fault_of(schema, '"' + std::string(28, 'a') + "!\""), "");
  EXPECT_EQ(fault_of(schema, '"' + std::string(100000, 'a') + '"'), "");
  EXPECT_NE(fault_of(schema, '"' + std::string(100000, 'a') + "!\""), "");
}

TEST(HostileValue, APatternThatCostsMuchForEachByte) {
  EXPECT_EQ(fault_of(R"({"pattern":"\\p{L}{1,20}[^a]$"})", '"' + std::string(100000, 'a') + '"'),
            ": is too complex to check");
}

TEST(HostileValue, DeepText) {
  constexpr std::string_view deep = ": nests more than 200 levels";
  EXPECT_EQ(fault_of("{}", std::string(100000, '[')), deep);
  EXPECT_EQ(fault_of("{}", repeated(R"({"a":)", 100000)), deep);
  EXPECT_EQ(fault_of(R"({"items":{"$ref":"#/properties/v"}})", std::string(199, '[') + std::string(199, ']')), "");
  EXPECT_EQ(fault_of("{}", std::string(200, '[') + std::string(200, ']')), deep);
}

TEST(HostileValue, LongText) {
  EXPECT_EQ(fault_of(R"({"items":{"type":"integer"}})", "[" + repeated("1,", 2000000) + "1]"), "");
  EXPECT_EQ(fault_of(R"({"maxLength":3})", '"' + std::string(10000000, 'a') + '"'),
            "v: must have at most 3 characters, not 10000000");
  std::string numbers = "[0";
  for (int at = 1; at < 200000; ++at) numbers += "," + std::to_string(at);
  EXPECT_EQ(fault_of(R"({"uniqueItems":true})", numbers + "]"), "");
  EXPECT_NE(fault_of(R"({"uniqueItems":true})", numbers + ",7]"), "");
  EXPECT_EQ(fault_of(R"({"type":"integer","minimum":1})", std::string(1000000, '9')), "");
}

TEST(HostileValue, AlternativesThatExplode) {
  std::string schema = R"({"$ref":"#/$defs/0","$defs":{)";
  for (int at = 0; at < 40; ++at) {
    const std::string next = R"({"$ref":"#/$defs/)" + std::to_string(at + 1) + "\"}";
    schema += "\"" + std::to_string(at) + R"(":{"anyOf":[)" + next + "," + next + "]},";
  }
  const auto read = ToolSchema::read(schema + R"("40":{"required":["a"]}}})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ((*read)->check("{}")->message, "is too complex to check");
  EXPECT_EQ((*read)->accept("{}").error().message, "the arguments are too complex to check");
  EXPECT_FALSE((*read)->check(R"({"a":1})"));
}

TEST(HostileValue, AlternativesOnEachLevel) {
  const std::string list = std::string(190, '[') + "1" + std::string(190, ']');
  EXPECT_EQ(
      fault_of(
          R"({"anyOf":[{"items":{"$ref":"#/properties/v"},"type":"array"},{"items":{"$ref":"#/properties/v"},"type":"array"}]})",
          list),
      ": is too complex to check");
}

TEST(HostileValue, UniqueItemsOnEachLevel) {
  std::string inner = "[0";
  for (int at = 1; at < 20000; ++at) inner += "," + std::to_string(at);
  const std::string list = std::string(190, '[') + inner + "]" + std::string(190, ']');
  const std::string fault = fault_of(R"({"items":{"$ref":"#/properties/v"},"uniqueItems":true})", list);
  EXPECT_TRUE(fault.empty() || fault == ": is too complex to check") << fault;
}

TEST(HostileValue, NamesWithoutEnd) {
  std::string properties = R"({"additionalProperties":false,"properties":{"a":{})";
  for (int at = 0; at < 20000; ++at) properties += ",\"property_with_a_long_name_" + std::to_string(at) + "\":{}";
  const std::string fault = fault_of(properties + "}}", R"({"property_with_a_long_nam":1})");
  EXPECT_LT(fault.size(), 400U);
  EXPECT_NE(fault.find("there is no member"), std::string::npos) << fault;
}

}  // namespace
}  // namespace abstractllm
