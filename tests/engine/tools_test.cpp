// SPDX-License-Identifier: Apache-2.0
//
// Tools with a local model. The tiny model's own template has no place for them, so they are prompted.
#include "engines/llama_cpp/prompted_tools.hpp"
#include "tool_calls.hpp"

namespace abstractllm::engine_test {
namespace {

/// In the form of Qwen 2.5.
constexpr const char* template_with_tools =
    "{% if tools %}<|im_start|>system\n<tools>{% for t in tools %}\n{{ t | tojson }}{% endfor %}\n</tools>\n"
    "Answer with <tool_call>\n{\"name\": ..., \"arguments\": ...}\n</tool_call><|im_end|>\n{% endif %}"
    "{% for m in messages %}{% if m.role == 'tool' %}<|im_start|>user\n<tool_response>\n{{ m.content }}\n"
    "</tool_response><|im_end|>\n{% else %}<|im_start|>{{ m.role }}\n{{ m.content }}"
    "{% for c in m.tool_calls or [] %}\n<tool_call>\n{\"name\": \"{{ c.function.name }}\", \"arguments\": "
    "{{ c.function.arguments | tojson }}}\n</tool_call>{% endfor %}<|im_end|>\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

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
