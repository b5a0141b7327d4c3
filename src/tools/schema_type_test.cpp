// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <limits>

#include "base/json_text.hpp"
#include "support/typed_values.hpp"

namespace abstractllm {
namespace {

using namespace typed_values;

template <class T>
std::string schema_of() {
  const Result<std::string> schema = schema_json<T>();
  if (!schema) return "error: " + schema.error().message;
  EXPECT_FALSE(find_json_fault(*schema, 200)) << *schema;
  return *schema;
}

TEST(SchemaOfType, DescribesScalars) {
  EXPECT_EQ(schema_of<bool>(), R"({"type":"boolean"})");
  EXPECT_EQ(schema_of<double>(), R"({"type":"number"})");
  EXPECT_EQ(schema_of<float>(), R"({"type":"number"})");
  EXPECT_EQ(schema_of<std::string>(), R"({"type":"string"})");
  EXPECT_EQ(schema_of<Unit>(), R"({"type":"string","enum":["celsius","fahrenheit"]})");
}

TEST(SchemaOfType, GivesEveryIntegerItsRange) {
  EXPECT_EQ(schema_of<std::int8_t>(), R"({"type":"integer","minimum":-128,"maximum":127})");
  EXPECT_EQ(schema_of<std::uint8_t>(), R"({"type":"integer","minimum":0,"maximum":255})");
  EXPECT_EQ(schema_of<short>(), R"({"type":"integer","minimum":-32768,"maximum":32767})");
  EXPECT_EQ(schema_of<unsigned short>(), R"({"type":"integer","minimum":0,"maximum":65535})");
  EXPECT_EQ(schema_of<int>(), R"({"type":"integer","minimum":-2147483648,"maximum":2147483647})");
  EXPECT_EQ(schema_of<unsigned>(), R"({"type":"integer","minimum":0,"maximum":4294967295})");
  const std::string wide = R"({"type":"integer","minimum":-9223372036854775808,"maximum":9223372036854775807})";
  EXPECT_EQ(schema_of<std::int64_t>(), wide);
  EXPECT_EQ(schema_of<long long>(), wide);
  EXPECT_EQ(schema_of<std::uint64_t>(), R"({"type":"integer","minimum":0,"maximum":18446744073709551615})");
}

TEST(SchemaOfType, DescribesContainers) {
  EXPECT_EQ(schema_of<std::vector<bool>>(), R"({"type":"array","items":{"type":"boolean"}})");
  EXPECT_EQ((schema_of<std::array<double, 3>>()),
            R"({"type":"array","minItems":3,"maxItems":3,"items":{"type":"number"}})");
  EXPECT_EQ((schema_of<std::map<std::string, std::string>>()),
            R"({"type":"object","additionalProperties":{"type":"string"}})");
  EXPECT_EQ(schema_of<std::vector<std::optional<bool>>>(),
            R"({"type":"array","items":{"anyOf":[{"type":"boolean"},{"type":"null"}]}})");
}

TEST(SchemaOfType, DescribesAStruct) {
  EXPECT_EQ(
      schema_of<Trip>(),
      R"({"type":"object","properties":{"title":{"type":"string","description":"What to call it","default":"Trip"},)"
      R"("stops":{"type":"array","minItems":1,"maxItems":9,"items":{"type":"object","properties":{)"
      R"("name":{"type":"string","minLength":1,"description":"Name of the stop"},)"
      R"("minutes":{"type":"integer","minimum":0,"maximum":600}},"required":["name","minutes"],)"
      R"("additionalProperties":false},"description":"Where it stops"},)"
      R"("price":{"type":"number","minimum":0.5,"description":"In euros"},)"
      R"("unit":{"type":"string","enum":["celsius","fahrenheit"],"default":"celsius"},)"
      R"("days":{"type":"array","items":{"type":"integer","minimum":-2147483648,"maximum":2147483647},)"
      R"("default":[1,2]}},"required":["stops"],"additionalProperties":false})");
}

TEST(SchemaOfType, DescribesAStructInAVectorInAMapInAnOptional) {
  EXPECT_EQ(schema_of<Nested>(),
            R"({"type":"object","properties":{"routes":{"type":"object","additionalProperties":{"type":"array",)"
            R"("items":)" +
                schema_of<Stop>() + R"(}}},"required":[],"additionalProperties":false})");
}

TEST(SchemaOfType, RefersToATypeThatHoldsItself) {
  EXPECT_EQ(schema_of<Tree>(),
            R"({"type":"object","properties":{"name":{"type":"string"},"children":{"type":"array",)"
            R"("items":{"$ref":"#"}}},"required":["name","children"],"additionalProperties":false})");
  EXPECT_EQ(
      schema_of<Forest>(),
      R"({"type":"object","properties":{"trees":{"type":"object","additionalProperties":{"$ref":"#/$defs/type1"},)"
      R"("description":"All"},"favourite":{"$ref":"#/$defs/type1","description":"The best"}},)"
      R"("required":["trees","favourite"],"additionalProperties":false,"$defs":{"type1":{"type":"object",)"
      R"("properties":{"name":{"type":"string"},"children":{"type":"array","items":{"$ref":"#/$defs/type1"}}},)"
      R"("required":["name","children"],"additionalProperties":false}}})");
}

TEST(SchemaOfType, PutsTheDefinitionsOfAListAtItsRoot) {
  const std::string schema = schema_of<std::vector<Tree>>();
  EXPECT_TRUE(schema.starts_with(R"({"type":"array","items":{"$ref":"#/$defs/type1"},"$defs":{"type1":{)")) << schema;
}

TEST(SchemaOfType, RefusesADescriptionThatMakesNoSense) {
  EXPECT_EQ(schema_of<Twice>(), "error: 'same': the name is used twice");
  EXPECT_EQ(schema_of<BadDefault>(), "error: 'count': its default does not fit its type: \"three\"");
  EXPECT_EQ(schema_of<Same>(), "error: its Schema has the enumerator \"a\" twice");
  EXPECT_EQ(schema_json<Twice>().error().kind, ErrorKind::invalid_argument);
}

template <class T>
std::string faults_of(std::string_view json) {
  const Result<T> value = schema_detail::value_from_json<T>(json);
  if (value) return "no fault";
  EXPECT_EQ(value.error().kind, ErrorKind::schema_mismatch);
  return value.error().message;
}

template <class T>
T read(std::string_view json) {
  Result<T> value = schema_detail::value_from_json<T>(json);
  EXPECT_TRUE(value) << (value ? "" : value.error().message) << " in " << json;
  return value ? *std::move(value) : T{};
}

TEST(ValueFromJson, ReadsScalars) {
  EXPECT_TRUE(read<bool>(" true "));
  EXPECT_FALSE(read<bool>("false"));
  EXPECT_EQ(read<double>("-2.5e1"), -25.0);
  EXPECT_EQ(read<double>("3"), 3.0);
  EXPECT_EQ(read<double>("123456789012345678901234567890"), 123456789012345678901234567890.0);
  EXPECT_EQ(read<double>("1e-400"), 0.0);
  EXPECT_EQ(read<float>("0.1"), 0.1F);
  EXPECT_EQ(read<std::string>(R"("a\n\u00e9\ud83d\ude00\ud800")"), "a\n\u00e9\U0001F600\uFFFD");
  EXPECT_EQ(read<Unit>(R"("fahrenheit")"), Unit::fahrenheit);
}

TEST(ValueFromJson, ReadsIntegersExactly) {
  EXPECT_EQ(read<std::int8_t>("-128"), -128);
  EXPECT_EQ(read<std::int8_t>("127"), 127);
  EXPECT_EQ(read<std::uint64_t>("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(read<std::int64_t>("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(read<std::int64_t>("9007199254740993"), 9007199254740993);
  EXPECT_EQ(read<std::int64_t>("9007199254740993.0"), 9007199254740993);
  EXPECT_EQ(read<int>("1.0"), 1);
  EXPECT_EQ(read<int>("1e3"), 1000);
  EXPECT_EQ(read<int>("1200e-2"), 12);
  EXPECT_EQ(read<int>("-0"), 0);
  EXPECT_EQ(read<unsigned>("-0.0"), 0U);
  EXPECT_EQ(read<int>("0e999999999999999999999"), 0);
}

TEST(ValueFromJson, RefusesIntegersThatDoNotFit) {
  EXPECT_EQ(faults_of<std::int8_t>("128"), "the value must be an integer from -128 to 127, not 128");
  EXPECT_EQ(faults_of<std::int8_t>("-129"), "the value must be an integer from -128 to 127, not -129");
  EXPECT_EQ(faults_of<std::uint8_t>("-1"), "the value must be an integer from 0 to 255, not -1");
  EXPECT_EQ(faults_of<std::uint64_t>("18446744073709551616"),
            "the value must be an integer from 0 to 18446744073709551615, not 18446744073709551616");
  EXPECT_EQ(faults_of<std::int64_t>("-9223372036854775809"),
            "the value must be an integer from -9223372036854775808 to 9223372036854775807, not -9223372036854775809");
  EXPECT_EQ(faults_of<int>("1.5"), "the value must be an integer, not 1.5");
  EXPECT_EQ(faults_of<int>("1e-1"), "the value must be an integer, not 1e-1");
  EXPECT_NE(faults_of<int>("1e99999999999999999999"), "no fault");
  EXPECT_NE(faults_of<int>("1e-99999999999999999999"), "no fault");
  EXPECT_EQ(faults_of<int>("\"3\""), "the value must be an integer, not \"3\"");
}

TEST(ValueFromJson, RefusesOtherTypes) {
  EXPECT_EQ(faults_of<bool>("1"), "the value must be true or false, not 1");
  EXPECT_EQ(faults_of<bool>("null"), "the value must be true or false, not null");
  EXPECT_EQ(faults_of<double>("\"x\""), "the value must be a number, not \"x\"");
  EXPECT_EQ(faults_of<double>("1e999"), "the value must be a number that a double can hold, not 1e999");
  EXPECT_EQ(faults_of<float>("1e39"), "the value must be a number that a float can hold, not 1e39");
  EXPECT_EQ(faults_of<std::string>("{}"), "the value must be a string, not an object");
  EXPECT_EQ(faults_of<Unit>("\"kelvin\""), "the value must be one of \"celsius\", \"fahrenheit\", not \"kelvin\"");
  EXPECT_EQ(faults_of<Unit>("3"), "the value must be a string, not 3");
  EXPECT_EQ(faults_of<std::vector<int>>("{}"), "the value must be a list, not an object");
  EXPECT_EQ(faults_of<Trip>("[]"), "the value must be an object, not a list");
  EXPECT_EQ((faults_of<std::map<std::string, int>>("[]")), "the value must be an object, not a list");
}

TEST(ValueFromJson, RefusesTextThatIsNotJson) {
  EXPECT_EQ(faults_of<int>(""), "the value must be JSON; the text is not, at byte 0");
  EXPECT_EQ(faults_of<int>("1 2"), "the value must be JSON; the text is not, at byte 2");
  EXPECT_EQ(faults_of<Trip>(R"({"stops":[)"), "the value must be JSON; the text is not, at byte 10");
  EXPECT_EQ(faults_of<double>("NaN"), "the value must be JSON; the text is not, at byte 0");
  EXPECT_EQ(faults_of<std::string>("\"\xff\""), "the value must be JSON; the text is not, at byte 1");
  EXPECT_EQ(faults_of<Tree>(std::string(100000, '[')), "the value must not have more than 200 levels of JSON");
}

TEST(ValueFromJson, ReadsContainers) {
  EXPECT_EQ(read<std::vector<int>>("[]"), std::vector<int>());
  EXPECT_EQ(read<std::vector<bool>>("[true, false]"), (std::vector<bool>{true, false}));
  EXPECT_EQ((read<std::array<std::string, 2>>(R"(["a","b"])")), (std::array<std::string, 2>{"a", "b"}));
  EXPECT_EQ((read<std::map<std::string, std::vector<int>>>(R"({"a":[1],"":[]})")),
            (std::map<std::string, std::vector<int>>{{"a", {1}}, {"", {}}}));
  EXPECT_EQ(read<std::optional<int>>("null"), std::nullopt);
  EXPECT_EQ((read<std::vector<std::optional<int>>>("[1,null]")), (std::vector<std::optional<int>>{1, std::nullopt}));
}

TEST(ValueFromJson, RefusesAnArrayOfAnotherSize) {
  EXPECT_EQ((faults_of<std::array<int, 2>>("[1]")), "the value must have 2 elements, not 1");
  EXPECT_EQ((faults_of<std::array<int, 2>>("[1,2,[3]]")), "the value must have 2 elements, not 3");
  EXPECT_EQ((faults_of<std::array<int, 0>>("[]")), "no fault");
}

TEST(ValueFromJson, ReadsAStructAndCompletesIt) {
  Trip expected;
  expected.title = "Trip";
  expected.stops = {{"Ulm", 3}};
  expected.price = std::nullopt;
  expected.unit = Unit::celsius;
  expected.days = {1, 2};
  EXPECT_EQ(read<Trip>(R"({"stops":[{"minutes":3,"name":"Ulm"}]})"), expected);
  EXPECT_EQ(read<Trip>(R"({"title":null,"price":null,"unit":null,"days":null,"stops":[{"minutes":3,"name":"Ulm"}]})"),
            expected);
  expected.price = 2.5;
  expected.title = "";
  expected.unit = Unit::fahrenheit;
  expected.days = {};
  EXPECT_EQ(read<Trip>(R"({"title":"","unit":"fahrenheit","price":2.5,"days":[],)"
                       R"("\u0073tops":[{"minutes":3,"name":"Ulm"}],"unknown":{"x":[1,{}]}})"),
            expected);
}

TEST(ValueFromJson, TakesTheLastOfMembersWithOneName) {
  EXPECT_EQ(read<Stop>(R"({"name":"a","minutes":1,"name":"b"})"), (Stop{"b", 1}));
  EXPECT_EQ((read<std::map<std::string, std::vector<int>>>(R"({"a":[1],"a":[2]})"))["a"], std::vector<int>{2});
  EXPECT_EQ(read<Trip>(R"({"stops":[{"name":"x","minutes":1}],"stops":[],"price":1,"price":null})").price,
            std::nullopt);
}

TEST(ValueFromJson, NamesThePlaceOfAFault) {
  EXPECT_EQ(faults_of<Trip>(R"({"stops":[{"name":"a","minutes":1},{"name":2,"minutes":1}]})"),
            "'stops[1].name' must be a string, not 2");
  EXPECT_EQ(faults_of<Trip>(R"({"stops":[{"name":"a"}]})"), "'stops[0].minutes' is missing");
  EXPECT_EQ(faults_of<Trip>("{}"), "'stops' is missing");
  EXPECT_EQ(faults_of<Trip>(R"({"stops":null})"), "'stops' must be a list, not null");
  EXPECT_EQ(faults_of<Nested>(R"({"routes":{"north":[{"name":"a","minutes":1},{"name":"b","minutes":1e10}]}})"),
            "'routes.north[1].minutes' must be an integer from -2147483648 to 2147483647, not 1e10");
  EXPECT_EQ(faults_of<std::vector<std::vector<int>>>("[[1],[2,true]]"), "'[1][1]' must be an integer, not true");
  const std::string name(100000, 'x');
  EXPECT_LT(faults_of<Nested>(R"({"routes":{")" + name + R"(":3}})").size(), 200U);
  EXPECT_LT(faults_of<Stop>(R"({"name":3,"minutes":")" + name + "\"}").size(), 200U);
}

TEST(ValueFromJson, ReadsATypeThatHoldsItselfToTheDepthOfTheText) {
  const Tree tree = read<Tree>(R"({"name":"a","children":[{"name":"b","children":[]}]})");
  EXPECT_EQ(tree.children.at(0).name, "b");
  std::string deep = R"({"name":"leaf","children":[]})";
  for (int i = 0; i < 99; ++i) {
    deep.insert(0, R"({"name":"a","children":[)");
    deep += "]}";
  }
  EXPECT_EQ(read<Tree>(deep).children.size(), 1U);
}

TEST(ValueFromJson, TakesTimeInProportionToTheText) {
  std::string many = "{";
  for (int i = 0; i < 100000; ++i) {
    many += "\"unknown" + std::to_string(i);
    many += "\":[{}],";
  }
  // Work for each member that grew with their number would need minutes.
  EXPECT_EQ(read<Stop>(many + R"("name":"a","minutes":1})"), (Stop{"a", 1}));
  std::string numbers = "{\"x\":0";
  for (int i = 0; i < 100000; ++i) {
    numbers += ",\"n" + std::to_string(i);
    numbers += "\":1";
  }
  EXPECT_EQ((read<std::map<std::string, int>>(numbers + "}")).size(), 100001U);
  EXPECT_NE(faults_of<int>("1" + std::string(1000000, '0')), "no fault");
}

template <class T>
std::string written(const T& value) {
  const Result<std::string> json = schema_detail::value_json(value);
  return json ? *json : "error: " + json.error().message;
}

TEST(ValueToJson, WritesScalars) {
  EXPECT_EQ(written(true), "true");
  EXPECT_EQ(written(std::int8_t{-7}), "-7");
  EXPECT_EQ(written(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(written(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(written(0.1), "0.1");
  EXPECT_EQ(written(0.1F), "0.1");
  EXPECT_EQ(written(std::numeric_limits<double>::quiet_NaN()), "null");
  EXPECT_EQ(written(-std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(written(std::string("a\"\n\xff")), "\"a\\\"\\n\uFFFD\"");
  EXPECT_EQ(written(Unit::celsius), "\"celsius\"");
  EXPECT_EQ(written(Unit::kelvin),
            "error: the value cannot be written as JSON: it holds an enumerator that Schema does not name");
}

TEST(ValueToJson, WritesContainersAndStructs) {
  EXPECT_EQ(written(std::vector<bool>{true, false}), "[true,false]");
  EXPECT_EQ(written(std::array<int, 2>{1, 2}), "[1,2]");
  EXPECT_EQ(written(std::optional<int>()), "null");
  EXPECT_EQ(written(std::map<std::string, std::optional<int>>{{"a", 1}, {"b", std::nullopt}}), R"({"a":1,"b":null})");
  Trip trip;
  trip.stops = {{"Ulm", 3}, {"Aalen", 4}};
  EXPECT_EQ(written(trip), R"({"title":"","stops":[{"name":"Ulm","minutes":3},{"name":"Aalen","minutes":4}],"price":1,)"
                           R"("unit":"fahrenheit","days":[7]})");
  trip.price = std::nullopt;
  EXPECT_EQ(schema_detail::value_from_json<Trip>(written(trip)).value(), trip);
}

TEST(ValueToJson, RefusesAValueThatIsTooDeep) {
  Tree root;
  Tree* last = &root;
  for (int i = 0; i < 5000; ++i) last = &last->children.emplace_back();
  EXPECT_EQ(written(root), "error: the value cannot be written as JSON: it has more than 200 levels");
}

}  // namespace
}  // namespace abstractllm
