// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/schema_limits.hpp"

#include <gtest/gtest.h>

namespace abstractllm {
namespace {

/// "p0": {"type": "string"}, …
std::string properties(int first, int count) {
  std::string all;
  for (int i = first; i < first + count; ++i)
    all += (all.empty() ? "\"p" : ",\"p") + std::to_string(i) + R"(": {"type": "string"})";
  return R"("properties": {)" + all + "}";
}

std::string names(int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += (all.empty() ? "\"p" : ",\"p") + std::to_string(i) + "\"";
  return all;
}

std::string body(const std::string& schema) {
  return R"({"response_format": {"type": "json_object", "schema": {"type": "object", )" + schema + "}}}";
}

TEST(SchemaLimits, RefuseObjectsWithTooManyOptionalProperties) {
  EXPECT_FALSE(why_too_many_properties(body(properties(0, 400))));
  EXPECT_EQ(why_too_many_properties(body(properties(0, 2000))),
            "has JSON schemas with too many optional properties (2000 in one object), and the local engine takes 400 "
            "together; name them in \"required\"");
}

TEST(SchemaLimits, CountOnlyWhatIsNotRequired) {
  EXPECT_FALSE(why_too_many_properties(body(properties(0, 2000) + R"(, "required": [)" + names(1900) + "]")));
  EXPECT_TRUE(why_too_many_properties(body(R"("required": [)" + names(100) + "], " + properties(0, 2000))));
  std::string same;
  for (int i = 0; i < 2000; ++i) same += R"("p1", )";
  EXPECT_TRUE(why_too_many_properties(body(properties(0, 2000) + R"(, "required": [)" + same + R"("p1"])")));
}

TEST(SchemaLimits, AddUpObjects) {
  const auto list = [](int objects, const char* kind) {
    std::string all;
    for (int i = 0; i < objects; ++i) all += (i > 0 ? ", {" : "{") + properties(100 * i, 100) + "}";
    return body(std::string("\"") + kind + "\": [" + all + "]");
  };
  EXPECT_FALSE(why_too_many_properties(list(30, "anyOf")));
  EXPECT_TRUE(why_too_many_properties(list(100, "anyOf")));
  EXPECT_FALSE(why_too_many_properties(list(3, "allOf")));
  EXPECT_TRUE(why_too_many_properties(list(30, "allOf"))) << "is one object";
}

TEST(SchemaLimits, TakeAnyText) {
  for (const char* text : {"", "{", "]]", R"({"properties")", R"({"properties": {)", R"(["properties": ])"})
    EXPECT_FALSE(why_too_many_properties(text)) << text;
  EXPECT_FALSE(why_too_many_properties(std::string(100'000, '[')));
}

}  // namespace
}  // namespace abstractllm
