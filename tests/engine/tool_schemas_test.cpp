// SPDX-License-Identifier: Apache-2.0
//
// Schemas of tools with a local model: what a model writes matches them, and no schema harms the process.
#include <random>

#include "schema/tool_schema.hpp"
#include "tool_calls.hpp"

namespace abstractllm::engine_test {
namespace {

std::string nested(const std::string& before, const std::string& after, int times, const std::string& inner) {
  std::string start, end;
  for (int i = 0; i < times; ++i) start += before, end += after;
  return start + inner + end;
}

struct Hostile {
  const char* name;
  std::string schema;
  const char* refusal;  ///< a part of it; null if it works; empty if both will do
};

/// A reference to a reference, and so on.
std::string chained_references(int count) {
  std::string schema = R"({"type":"object","properties":{"a":{"$ref":"#/$defs/d0"}},"$defs":{)";
  for (int i = 0; i < count; ++i)
    schema += "\"d" + std::to_string(i) + R"(":{"$ref":"#/$defs/d)" + std::to_string(i + 1) + "\"},";
  return schema + "\"d" + std::to_string(count) + R"(":{"type":"boolean"}}})";
}

/// Alternatives that both have two alternatives, and so on.
std::string branching_references(int count) {
  std::string schema = R"({"type":"object","properties":{"a":{"$ref":"#/$defs/d0"}},"$defs":{)";
  for (int i = 0; i < count; ++i) {
    const std::string next = R"({"$ref":"#/$defs/d)" + std::to_string(i + 1) + "\"}";
    schema += "\"d" + std::to_string(i) + R"(":{"anyOf":[)" + next + "," + next + "]},";
  }
  return schema + "\"d" + std::to_string(count) + R"(":{"type":"boolean"}}})";
}

std::vector<Hostile> hostile_schemas() {
  const std::string letters(100'000, 'a');
  const std::string cyrillic = [] {
    std::string text;
    for (int i = 0; i < 50'000; ++i) text += "д";
    return text;
  }();
  const auto property = [](const std::string& name, const std::string& schema) {
    return R"({"type":"object","properties":{")" + name + R"(":)" + schema + R"(},"required":[")" + name + R"("]})";
  };
  std::string chain = R"({"type":"object","properties":{"a":{"$ref":"#/$defs/d0"}},"required":["a"],"$defs":{)";
  for (int i = 0; i < 5000; ++i)
    chain += "\"d" + std::to_string(i) + R"(":{"type":"array","maxItems":1,"items":{"$ref":"#/$defs/d)" +
             std::to_string(i + 1) + "\"}},";
  chain += R"("d5000":{"type":"boolean"}}})";
  return {
      {"a reference to itself", R"({"$ref":"#"})", "'#' leads to itself"},
      {"an alternative of the whole", R"({"type":"object","anyOf":[{"$ref":"#"}]})", "'#' leads to itself"},
      {"a part that is the whole", property("a", R"({"type":"array","items":{"$ref":"#"}})"), "the whole schema"},
      {"a reference to a reference to itself",
       R"({"type":"object","properties":{"a":{"allOf":[{"$ref":"#/$defs/a"}]}},"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}})",
       "leads to itself"},
      {"an alternative of itself",
       R"({"type":"object","properties":{"a":{"$ref":"#/$defs/a"}},"required":["a"],"$defs":{"a":{"anyOf":[{"$ref":"#/$defs/a"},{"type":"boolean"}]}}})",
       "leads to itself"},
      {"a value that contains itself",
       R"({"type":"object","properties":{"a":{"$ref":"#/$defs/a"}},"required":["a"],"$defs":{"a":{"anyOf":[{"type":"null"},{"type":"array","maxItems":1,"items":{"$ref":"#/$defs/a"}}]}}})",
       nullptr},
      {"a reference to nowhere", R"({"type":"object","properties":{"a":{"$ref":"#/$defs/a"}}})", "$ref"},
      {"a reference to another document", R"({"$ref":"https://example.com/s.json"})", "$ref"},
      {"a long chain of references", chain, "too many or too long references"},
      {"a chain of references without values", chained_references(150), "only after more than 100"},
      {"references to many alternatives", branching_references(14), "lead to alternatives"},
      {"a long reference", R"({"$ref":"#/)" + std::string(100'000, '/') + "\"}", "references"},
      {"oneOf", property("a", R"({"oneOf":[{"type":"boolean"},{"type":"null"}]})"), nullptr},
      {"an empty oneOf", property("a", R"({"oneOf":[]})"), "must not be empty"},
      {"a pattern", property("a", R"({"type":"string","pattern":"^[a-c]{2,3}$"})"), nullptr},
      {"a broken pattern", property("a", R"({"type":"string","pattern":"^(a$"})"), "Invalid pattern"},
      {"a deep pattern",
       property("a", R"({"type":"string","maxLength":3,"pattern":"^)" + std::string(50'000, '(') +
                         std::string(50'000, ')') + R"($"})"),
       nullptr},
      {"a slow pattern", property("a", R"({"type":"string","pattern":"^(a+)+$"})"), nullptr},
      {"a pattern in the middle", property("a", R"({"type":"string","maxLength":3,"pattern":"a\\d"})"), nullptr},
      {"a long string", property("a", R"({"type":"string","maxLength":100000})"), nullptr},
      {"long strings in a long list",
       property(
           "a",
           R"({"type":"array","maxItems":1000,"items":{"type":"array","maxItems":1000,"items":{"type":"string","maxLength":1000}}})"),
       ""},
      {"a negative length", property("a", R"({"type":"string","maxLength":-1})"), "maxLength"},
      {"a list instead of a schema", property("a", "[]"), "must be an object"},
      {"an unknown type", property("a", R"({"type":"text"})"), "unrecognized type"},
      {"a type that is a number", property("a", R"({"type":7})"), "type must be"},
      {"types in types",
       nested(R"({"type":["object","object"],"required":["a"],"properties":{"a":)", "}}", 60, "{\"type\":\"null\"}"),
       "multiply"},
      {"a long name", property(letters, R"({"type":"boolean"})"), "longer than"},
      {"a long name in Cyrillic", property(cyrillic, R"({"type":"boolean"})"), "longer than"},
      {"a long value", property("a", R"({"enum":["x",")" + letters + R"("]})"), ""},
      {"2000 optional properties",
       [] {
         std::string all = R"({"type":"object","properties":{)";
         for (int i = 0; i < 2000; ++i) all += (i > 0 ? ",\"p" : "\"p") + std::to_string(i) + R"(":{"type":"null"})";
         return all + "}}";
       }(),
       "too many optional properties"},
      {"30 levels", nested(R"({"type":"array","minItems":1,"maxItems":1,"items":)", "}", 30, R"({"type":"boolean"})"),
       nullptr},
      {"100,000 levels", nested(R"({"items":)", "}", 100'000, "{}"), "levels deep"},
  };
}

// None of them may end the process, hang, or fail without words.
TEST_F(Tools, HostileSchemasAreRefusedInWordsOrWork) {
  const TinyModelFile large({.context_tokens = 16384});
  const auto transport = *make_llama_cpp_transport(large.options().context_size(16384));
  for (const Hostile& hostile : hostile_schemas()) {
    const std::string body =
        R"({"messages":[{"role":"user","content":"Go."}],"max_tokens":150,"seed":1,"logit_bias":)" +
        ascii_only().dump() +
        R"(,"tool_choice":"required","parallel_tool_calls":false,)"
        R"("tools":[{"type":"function","function":{"name":"f","parameters":)" +
        hostile.schema + "}}]}";
    const Reply reply = drain(*open(*transport, body));
    ASSERT_FALSE(reply.error.has_value()) << hostile.name << ": " << reply.error->message;
    if (hostile.refusal == nullptr) {
      EXPECT_EQ(reply.status, 200) << hostile.name << ": " << reply.body.substr(0, 500);
      continue;
    }
    if (*hostile.refusal == '\0' && reply.status == 200) continue;
    const std::string reason = refusal(reply);
    EXPECT_FALSE(reason.empty()) << hostile.name;
    EXPECT_NE(reason.find(hostile.refusal), std::string::npos) << hostile.name << ": " << reason.substr(0, 500);
  }
  EXPECT_EQ(calls_in(ask(*transport, must_call(only(weather())))).size(), 1U) << "the model still answers";
}

TEST_F(Tools, HostileListsOfToolsAreRefusedInWordsOrWork) {
  json many = json::array();
  for (int i = 0; i < 129; ++i) many.push_back(tool("t" + std::to_string(i), json::object(), ""));
  const TinyModelFile large({.context_tokens = 16384});
  const auto transport = *make_llama_cpp_transport(large.options().context_size(16384));
  const Reply reply = ask(*transport, must_call(many));
  ASSERT_EQ(calls_in(reply).size(), 1U) << reply.body << (reply.error ? reply.error->message : "");
  EXPECT_TRUE(calls_in(reply)[0].name.starts_with("t"));
  const json any = {{"type", "object"}};
  EXPECT_NE(refusal(ask_for(must_call({tool("a_b", any), tool("a-b", any)}))).find("same name"), std::string::npos);
  EXPECT_NE(refusal(ask_for(must_call(only(tool(std::string(100'000, '_'), any))))).find("longer than"),
            std::string::npos);
  EXPECT_NE(refusal(ask_for(must_call(only({{"type", "web_search"}})))).find("web_search"), std::string::npos);
  EXPECT_FALSE(refusal(ask_for(must_call(only(json::object())))).empty());
  EXPECT_NE(refusal(ask_for(must_call(only(weather()), {{"grammar", "root ::= \"a\""}}))).find("grammar"),
            std::string::npos);
}

/// Random schemas whose values cannot be long.
class RandomSchemas {
 public:
  explicit RandomSchemas(std::uint32_t seed) : random_(seed) {}

  json object(int depth) {
    json properties = json::object();
    json required = json::array();
    const int count = between(0, 4);
    for (int i = 0; i < count; ++i) {
      const std::string name = "p" + std::to_string(i) + (between(0, 3) == 0 ? "\"_/" : "");
      properties[name] = any(depth);
      if (between(0, 2) > 0) required.push_back(name);
    }
    return {{"type", "object"}, {"properties", properties}, {"required", required}, {"additionalProperties", false}};
  }

 private:
  int between(int least, int most) {
    return least + static_cast<int>(random_() % static_cast<std::uint32_t>(most - least + 1));
  }

  json any(int depth) {
    switch (between(0, depth > 0 ? 8 : 5)) {
      case 0: return {{"type", "boolean"}};
      case 1: return {{"type", "null"}};
      case 2: {
        const int least = between(-1000, 1000);
        return {{"type", "integer"}, {"minimum", least}, {"maximum", least + between(0, 5000)}};
      }
      case 3: return {{"type", "string"}, {"maxLength", between(1, 5)}};
      case 4: return {{"enum", {"a", "b\"c\"", 7, nullptr, -1.5}}};
      case 5: return {{"const", "fixed"}};
      case 6: return {{"type", "array"}, {"items", any(depth - 1)}, {"minItems", between(0, 1)}, {"maxItems", 2}};
      case 7: return {{"anyOf", {any(depth - 1), any(depth - 1)}}};
      default: return object(depth - 1);
    }
  }

  std::mt19937 random_;
};

TEST_F(Tools, ArgumentsMatchTwoHundredRandomSchemas) {
  RandomSchemas schemas(20261128);
  json bias = ascii_only();
  for (const int blank : {' ', '\n', '\t'})
    (bias.push_back(only(blank)), bias.back().push_back(false));  // half as long
  for (int i = 0; i < 200; ++i) {
    const json schema = schemas.object(2);
    const json tools = {tool("other", object_of({{"a", {{"type", "null"}}}})), tool("f", schema)};
    const json choice = {{"type", "function"}, {"function", {{"name", "f"}}}};
    const Reply reply =
        ask_for(must_call(tools, {{"tool_choice", choice}, {"max_tokens", 1400}, {"seed", i}, {"logit_bias", bias}}));
    ASSERT_EQ(reply.status, 200) << schema << reply.body << (reply.error ? reply.error->message : "");
    ASSERT_EQ(reply.finish_reason(), "tool_calls") << schema << reply.body;
    const auto calls = calls_in(reply);
    ASSERT_EQ(calls.size(), 1U) << reply.body;
    EXPECT_EQ(calls[0].name, "f");
    const auto fault = ToolSchema::read(schema.dump()).value()->check(calls[0].arguments);
    EXPECT_FALSE(fault) << schema << "\n" << calls[0].arguments << "\n" << fault->path << ": " << fault->message;
  }
}

}  // namespace
}  // namespace abstractllm::engine_test
