// SPDX-License-Identifier: Apache-2.0
//
// Tools with a local model. The tiny model's own template has no place for them, so they are prompted.
#include <random>

#include "ask.hpp"
#include "engines/llama_cpp/prompted_tools.hpp"

namespace abstractllm::engine_test {
namespace {

json tool(const std::string& name, const json& parameters, const std::string& description = "Does it.") {
  return {{"type", "function"},
          {"function", {{"name", name}, {"description", description}, {"parameters", parameters}}}};
}

/// Braces would copy the value.
json only(const json& value) {
  json list = json::array();
  list.push_back(value);
  return list;
}

json object_of(const json& properties) {
  json required = json::array();
  for (const auto& [name, schema] : properties.items()) required.push_back(name);
  return {{"type", "object"}, {"properties", properties}, {"required", required}, {"additionalProperties", false}};
}

const json& weather() {
  static const json made =
      tool("weather", object_of({{"city", {{"type", "string"}, {"maxLength", 6}}},
                                 {"days", {{"type", "integer"}, {"minimum", 1}, {"maximum", 9}}}}));
  return made;
}

/// Random bytes are no UTF-8, and the engine's parser refuses them although its grammar does not.
json ascii_only() {
  json bias = json::array();
  for (int byte = 0x80; byte < 0x100; ++byte) {
    bias.push_back(only(byte));
    bias.back().push_back(false);
  }
  return bias;
}

/// A question whose answer must be one call.
json must_call(const json& tools, const json& more = json::object()) {
  json body = chat("Go.", {{"tools", tools}, {"tool_choice", "required"}, {"parallel_tool_calls", false}});
  body["max_tokens"] = 400;
  body["seed"] = 1;
  body["logit_bias"] = ascii_only();
  body.update(more);
  return body;
}

struct Call {
  std::string id, name, arguments;
  bool operator==(const Call&) const = default;
};

void take_call(std::vector<Call>& calls, std::size_t index, const json& piece) {
  if (calls.size() <= index) calls.resize(index + 1);
  const json function = piece.value("function", json::object());
  calls[index].id += piece.value("id", "");
  calls[index].name += function.value("name", "");
  calls[index].arguments += function.value("arguments", "");
}

std::vector<Call> calls_in(const Reply& reply) {
  std::vector<Call> calls;
  if (reply.content_type != "text/event-stream") {
    const json message = reply.parsed()["choices"][0]["message"];
    for (const json& call : message.value("tool_calls", json::array())) take_call(calls, calls.size(), call);
    return calls;
  }
  for (const json& frame : reply.frames())
    for (const json& choice : frame.value("choices", json::array()))
      for (const json& piece : choice["delta"].value("tool_calls", json::array()))
        take_call(calls, piece.value("index", std::size_t{0}), piece);
  return calls;
}

std::vector<std::string> codes_in(const Reply& reply) {
  std::vector<std::string> codes;
  for (const Warning& warning : reply.warnings) codes.push_back(warning.code);
  return codes;
}

/// The error of a refused request. It must name what is wrong.
std::string refusal(const Reply& reply) {
  EXPECT_EQ(reply.status, 400) << reply.body.substr(0, 300) << (reply.error ? reply.error->message : "");
  return reply.status == 400 ? reply.parsed()["error"].value("message", "") : std::string();
}

/// In the form of Qwen 2.5.
constexpr const char* template_with_tools =
    "{% if tools %}<|im_start|>system\n<tools>{% for t in tools %}\n{{ t | tojson }}{% endfor %}\n</tools>\n"
    "Answer with <tool_call>\n{\"name\": ..., \"arguments\": ...}\n</tool_call><|im_end|>\n{% endif %}"
    "{% for m in messages %}{% if m.role == 'tool' %}<|im_start|>user\n<tool_response>\n{{ m.content }}\n"
    "</tool_response><|im_end|>\n{% else %}<|im_start|>{{ m.role }}\n{{ m.content }}"
    "{% for c in m.tool_calls or [] %}\n<tool_call>\n{\"name\": \"{{ c.function.name }}\", \"arguments\": "
    "{{ c.function.arguments | tojson }}}\n</tool_call>{% endfor %}<|im_end|>\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

class Tools : public ::testing::Test {
 protected:
  Reply ask_for(const json& body) { return ask(*transport_, body); }

  std::int64_t tokens_of(const json& body) {
    const Reply reply = drain(*open(*transport_, body.dump(), "local:///v1/chat/completions/input_tokens"));
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.parsed().value("input_tokens", std::int64_t{-1});
  }

  const TinyModelFile file_;
  const std::shared_ptr<Transport> transport_ = file_.transport();
};

TEST_F(Tools, AreCalledThroughATemplateThatHasNoPlaceForThem) {
  const Reply reply = ask_for(must_call(only(weather())));
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(codes_in(reply), std::vector<std::string>{"tools_prompted"});
  EXPECT_EQ(reply.finish_reason(), "tool_calls");
  const auto calls = calls_in(reply);
  ASSERT_EQ(calls.size(), 1U) << reply.body;
  EXPECT_EQ(calls[0].name, "weather");
  EXPECT_FALSE(calls[0].id.empty());
  const json arguments = json::parse(calls[0].arguments);
  EXPECT_TRUE(arguments["city"].is_string());
  EXPECT_TRUE(arguments["days"].is_number_integer());
}

TEST_F(Tools, AreTheSameWholeAndStreamed) {
  json body = must_call(only(weather()), {{"cache_prompt", false}});
  const auto whole = calls_in(ask_for(body));
  body["stream"] = true;
  const Reply streamed = ask_for(body);
  EXPECT_EQ(streamed.finish_reason(), "tool_calls");
  const auto calls = calls_in(streamed);
  ASSERT_EQ(calls.size(), 1U) << streamed.body;
  ASSERT_EQ(whole.size(), 1U);
  EXPECT_EQ(calls[0].name, whole[0].name);
  EXPECT_EQ(calls[0].arguments, whole[0].arguments);
}

TEST_F(Tools, ThatAreNotCalledLeaveTextAlone) {
  const Reply reply = ask_for(must_call(only(weather()), {{"tool_choice", "auto"}, {"max_tokens", 20}}));
  EXPECT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(codes_in(reply), std::vector<std::string>{"tools_prompted"});
  EXPECT_TRUE(calls_in(reply).empty());
}

TEST_F(Tools, ACallThatIsCutOffIsNoFailure) {
  for (const bool stream : {false, true}) {
    const Reply reply = ask_for(must_call(only(weather()), {{"max_tokens", 60}, {"stream", stream}}));
    ASSERT_EQ(reply.status, 200) << reply.body;
    EXPECT_FALSE(reply.error.has_value());
    EXPECT_EQ(reply.finish_reason(), "length");
  }
}

TEST_F(Tools, ChoosingOneByNameForcesThatOne) {
  const json tools = {tool("first", object_of({{"a", {{"type", "boolean"}}}})), weather(),
                      tool("last", object_of({{"b", {{"type", "boolean"}}}}))};
  for (const char* name : {"first", "weather", "last"}) {
    const json choice = {{"type", "function"}, {"function", {{"name", name}}}};
    const Reply reply = ask_for(must_call(tools, {{"tool_choice", choice}}));
    const auto calls = calls_in(reply);
    ASSERT_EQ(calls.size(), 1U) << reply.body;
    EXPECT_EQ(calls[0].name, name);
  }
  const json unknown = {{"type", "function"}, {"function", {{"name", "other"}}}};
  EXPECT_EQ(refusal(ask_for(must_call(tools, {{"tool_choice", unknown}}))),
            "tool_choice names 'other', which is not among the tools");
  EXPECT_NE(refusal(ask_for(must_call(tools, {{"tool_choice", 7}}))).find("tool_choice must be"), std::string::npos);
  EXPECT_NE(refusal(ask_for(must_call(tools, {{"tool_choice", "always"}}))).find("always"), std::string::npos);
}

TEST_F(Tools, ThatMustNotBeCalledAreNotDescribed) {
  json body = chat("Go.", {{"max_tokens", 1}});
  const std::int64_t without = tokens_of(body);
  body["tools"] = only(weather());
  EXPECT_GT(tokens_of(body), without + 100);
  body["tool_choice"] = "none";
  EXPECT_EQ(tokens_of(body), without);
  EXPECT_TRUE(ask_for(body).warnings.empty());
}

TEST_F(Tools, TheTemplatesOwnFormIsPreferred) {
  const TinyModelFile file({.chat_template = template_with_tools});
  // The engine lets a model write text before a required call, and this one would never stop.
  json body = must_call(only(weather()), {{"tool_choice", "auto"}, {"max_tokens", 5}});
  const Reply reply = ask(*file.transport(), body);
  EXPECT_EQ(reply.status, 200) << reply.body;
  EXPECT_TRUE(reply.warnings.empty()) << reply.warnings.front().message;
}

::common_json engine_json(const json& value) { return ::common_json::parse(value.dump()); }

json written(json body, bool has_system_role = true) {
  ::common_json taken = engine_json(body);
  write_tools_into_messages(taken, has_system_role);
  return json::parse(taken.dump());
}

json conversation() {
  json body = chat("Paris?");
  body["messages"].push_back(
      {{"role", "assistant"},
       {"content", nullptr},
       {"tool_calls",
        {{{"id", "1"},
          {"type", "function"},
          {"function", {{"name", "weather"}, {"arguments", R"({"city":"Paris","id":12345678901234567890123})"}}}},
         {{"id", "2"}, {"type", "function"}, {"function", {{"name", "weather"}, {"arguments", "{cut"}}}}}}});
  body["messages"].push_back({{"role", "tool"}, {"tool_call_id", "1"}, {"content", "rain"}});
  body["messages"].push_back({{"role", "tool"}, {"tool_call_id", "2"}, {"content", "no city"}});
  body["messages"].push_back({{"role", "user"}, {"content", "And now?"}});
  return body;
}

TEST(PromptedTools, AreWrittenIntoOrdinaryMessages) {
  json body = conversation();
  body["tools"] = only(tool("weather", {{"type", "object"}}));
  body["tool_choice"] = "auto";
  const json plain = written(body);
  EXPECT_FALSE(plain.contains("tools"));
  EXPECT_FALSE(plain.contains("tool_choice"));
  ASSERT_EQ(plain["messages"].size(), 4U) << plain.dump(2);
  EXPECT_EQ(plain["messages"][0]["role"], "system");
  const std::string described = plain["messages"][0]["content"];
  EXPECT_NE(described.find("<tools>\n{"), std::string::npos) << described;
  EXPECT_NE(described.find("\"description\":\"Does it.\""), std::string::npos) << described;
  EXPECT_EQ(plain["messages"][1]["content"], "Paris?");
  EXPECT_EQ(plain["messages"][2]["content"],
            "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\":\"Paris\",\"id\":12345678901234567890123}}\n"
            "</tool_call>\n<tool_call>\n{\"name\": \"weather\", \"arguments\": \"{cut\"}\n</tool_call>");
  EXPECT_FALSE(plain["messages"][2].contains("tool_calls"));
  EXPECT_EQ(plain["messages"][3]["role"], "user");
  EXPECT_EQ(plain["messages"][3]["content"],
            "<tool_response>\nrain\n</tool_response>\n<tool_response>\nno city\n</tool_response>\n\nAnd now?");
}

TEST(PromptedTools, JoinASystemMessageOrTheFirstQuestion) {
  json body = conversation();
  body["tools"] = only(weather());
  const std::string first = written(body, false)["messages"][0]["content"];
  EXPECT_TRUE(first.starts_with("# Tools")) << first;
  EXPECT_TRUE(first.ends_with("\n\nParis?")) << first;
  body["messages"].insert(body["messages"].begin(), json{{"role", "system"}, {"content", "Be brief."}});
  const json plain = written(body)["messages"];
  EXPECT_EQ(plain.size(), 4U);
  const std::string system = plain[0]["content"];
  EXPECT_TRUE(system.starts_with("Be brief.\n\n# Tools")) << system;
}

TEST(PromptedTools, KeepThePartsOfAMessage) {
  json body = conversation();
  body["messages"][2]["content"] = {{{"type", "text"}, {"text", "see"}},
                                    {{"type", "image_url"}, {"image_url", {{"url", "data:x"}}}}};
  const json content = written(body)["messages"][2]["content"];
  ASSERT_TRUE(content.is_array()) << content.dump();
  ASSERT_EQ(content.size(), 6U) << content.dump(2);
  EXPECT_EQ(content[2]["type"], "image_url");
  EXPECT_EQ(content[5]["text"], "And now?");
}

// In the tiny model a byte is a token, and "<|im_end|>" is one.
TEST_F(Tools, NoTextOfThemBecomesASpecialToken) {
  const auto body = [](const std::string& text) {
    json all = conversation();
    all["messages"][1]["tool_calls"][0]["function"] = {{"name", "f" + text},
                                                       {"arguments", "{\"" + text + "\": \"" + text + "\"}"}};
    all["messages"][1]["tool_calls"][1]["function"]["arguments"] = text;
    all["messages"][2]["content"] = text;
    all["tools"] = only(tool("f" + text, object_of({{text, {{"description", text}, {"enum", only(text)}}}}), text));
    return all;
  };
  EXPECT_EQ(tokens_of(body("<|im_end|>")), tokens_of(body("xxxxxxxxxx")));
  EXPECT_GE(tokens_of(body("\\u003c|im_end|>")), tokens_of(body("xxxxxxxxxxxxxxx"))) << "an escape is no way around";
}

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
      {"a reference to itself", R"({"$ref":"#"})", "$ref"},
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
      {"a long chain of references", chain, "references"},
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
    const auto began = Clock::now();
    const std::string body =
        R"({"messages":[{"role":"user","content":"Go."}],"max_tokens":150,"seed":1,"logit_bias":)" +
        ascii_only().dump() +
        R"(,"tool_choice":"required","parallel_tool_calls":false,)"
        R"("tools":[{"type":"function","function":{"name":"f","parameters":)" +
        hostile.schema + "}}]}";
    const Reply reply = drain(*open(*transport, body));
    const auto took = Clock::now() - began;
    EXPECT_LT(took, std::chrono::seconds(20)) << hostile.name;
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

/// A random schema whose values cannot be long, and a check that knows these schemas and no others.
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

bool matches(const json& schema, const json& value);

bool matches_object(const json& schema, const json& value) {
  if (!value.is_object()) return false;
  for (const json& name : schema["required"])
    if (!value.contains(name.get<std::string>())) return false;
  for (const auto& [name, member] : value.items())
    if (!schema["properties"].contains(name) || !matches(schema["properties"][name], member)) return false;
  return true;
}

bool matches_list(const json& schema, const json& value) {
  if (!value.is_array() || value.size() < schema["minItems"] || value.size() > schema["maxItems"]) return false;
  for (const json& item : value)
    if (!matches(schema["items"], item)) return false;
  return true;
}

std::size_t characters_in(const std::string& text) {
  std::size_t count = 0;
  for (const char c : text)
    if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) ++count;
  return count;
}

bool matches(const json& schema, const json& value) {
  if (schema.contains("const")) return value == schema["const"];
  if (schema.contains("enum"))
    return std::find(schema["enum"].begin(), schema["enum"].end(), value) != schema["enum"].end();
  if (schema.contains("anyOf")) return matches(schema["anyOf"][0], value) || matches(schema["anyOf"][1], value);
  const std::string type = schema["type"];
  if (type == "boolean") return value.is_boolean();
  if (type == "null") return value.is_null();
  if (type == "integer") return value.is_number_integer() && value >= schema["minimum"] && value <= schema["maximum"];
  if (type == "string") return value.is_string() && characters_in(value.get<std::string>()) <= schema["maxLength"];
  return type == "array" ? matches_list(schema, value) : matches_object(schema, value);
}

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
    const json arguments = json::parse(calls[0].arguments, nullptr, false);
    EXPECT_TRUE(!arguments.is_discarded() && matches(schema, arguments)) << schema << "\n" << calls[0].arguments;
  }
}

/// SmolLM2's template has no place for tools.
class EngineRealModelTools : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(path, nullptr) << "set ABSTRACTLLM_TEST_MODEL to the path of the real test model (.gguf)";
    transport_ = *make_llama_cpp_transport(Options{}.model(path).context_size(2048).threads(1));
  }

  Reply ask_about_paris(const std::string& choice, bool stream) {
    const json city = object_of({{"city", {{"type", "string"}, {"maxLength", 20}}}});
    return ask(*transport_, chat("What is the weather in Paris? Call the function weather.",
                                 {{"tools", only(tool("weather", city, "Current weather in a city"))},
                                  {"tool_choice", choice},
                                  {"temperature", 0},
                                  {"max_tokens", 200},
                                  {"parallel_tool_calls", false},
                                  {"stream", stream}}));
  }

  std::shared_ptr<Transport> transport_;

 private:
  const char* path = std::getenv("ABSTRACTLLM_TEST_MODEL");
};

TEST_F(EngineRealModelTools, AreCalledWithTheRightArguments) {
  for (const bool stream : {false, true}) {
    const Reply reply = ask_about_paris("required", stream);
    const auto calls = calls_in(reply);
    ASSERT_EQ(calls.size(), 1U) << reply.body;
    EXPECT_EQ(calls[0].name, "weather");
    EXPECT_EQ(json::parse(calls[0].arguments)["city"], "Paris");
    EXPECT_EQ(reply.finish_reason(), "tool_calls");
    EXPECT_EQ(codes_in(reply), std::vector<std::string>{"tools_prompted"});
  }
}

// The model is too small to call a tool of its own accord, but it can repeat. The lazy grammar begins with the call.
TEST_F(EngineRealModelTools, ACallInTheMiddleOfAnAnswerIsFound) {
  const json city = object_of({{"town", {{"type", "string"}, {"maxLength", 20}}}});
  const json body = chat(
      "Repeat this text exactly, and nothing else:\n"
      "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Paris\"}}\n</tool_call>",
      {{"tools", only(tool("weather", city, "Current weather in a town"))},
       {"temperature", 0},
       {"max_tokens", 80},
       {"parallel_tool_calls", false},
       {"stream", true}});
  const Reply reply = ask(*transport_, body);
  const auto calls = calls_in(reply);
  ASSERT_EQ(calls.size(), 1U) << reply.text();
  EXPECT_TRUE(json::parse(calls[0].arguments)["town"].is_string()) << "the grammar, not the text, names the argument";
  EXPECT_EQ(reply.finish_reason(), "tool_calls");
}

TEST_F(EngineRealModelTools, ResultsAreRead) {
  json body = chat("What is the weather in Paris?");
  body["messages"].push_back(
      {{"role", "assistant"},
       {"content", nullptr},
       {"tool_calls", only({{"id", "1"},
                            {"type", "function"},
                            {"function", {{"name", "weather"}, {"arguments", R"({"city":"Paris"})"}}}})}});
  body["messages"].push_back({{"role", "tool"}, {"tool_call_id", "1"}, {"content", "Heavy snow, minus 7 degrees"}});
  body.update({{"temperature", 0}, {"max_tokens", 60}});
  const Reply reply = ask(*transport_, body);
  EXPECT_NE(reply.text().find("snow"), std::string::npos) << reply.text();
}

}  // namespace
}  // namespace abstractllm::engine_test
