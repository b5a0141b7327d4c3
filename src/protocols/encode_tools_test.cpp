// SPDX-License-Identifier: Apache-2.0
//
// Tools in the requests of all protocols. docs/wire-formats.md has the sources.
#include <gtest/gtest.h>

#include "abstractllm/tool.hpp"
#include "base/json.hpp"
#include "protocols/openai_chat/openai_chat.hpp"
#include "protocols/protocols.hpp"
#include "protocols/tool_rules.hpp"

namespace abstractllm {
namespace {

using openai_chat::Dialect;

constexpr const char* city_schema =
    R"({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": false})";

Tool weather() { return Tool::declared("weather_in", "Current weather", city_schema); }
Tool clock_tool() { return Tool::declared("now", "", R"({"type":"object","properties":{},"default":1.0})"); }
Tool search() { return Tool::hosted(R"({ "type": "web_search", "n": 1.0 })"); }

Request asking(Options options) {
  Request request;
  request.messages = {Message::user("Hi")};
  request.options = std::move(options);
  request.delivery = Delivery::body;
  return request;
}

EncodedRequest encoded(const Protocol& protocol, const Options& options) {
  auto result = protocol.encode(asking(options));
  EXPECT_TRUE(result) << result.error().message;
  return result ? *std::move(result) : EncodedRequest();
}

/// Returns the fields about tools, in the server's spelling of the body.
std::string tool_fields(const Protocol& protocol, const Options& options) {
  const std::string body = encoded(protocol, options).http.body;
  const std::size_t at = body.find("\"tools\"");
  return at == std::string::npos ? "" : body.substr(at, body.size() - at - 1);
}

std::string error_of(const Protocol& protocol, const Options& options) {
  const auto result = protocol.encode(asking(options));
  EXPECT_FALSE(result);
  if (result) return "";
  EXPECT_EQ(result.error().kind, ErrorKind::invalid_argument);
  return result.error().message;
}

std::vector<std::string> codes(const EncodedRequest& request) {
  std::vector<std::string> words;
  for (const Warning& warning : request.warnings) words.push_back(warning.code);
  return words;
}

std::shared_ptr<const Protocol> chat_of(ToolRuleSet rules) {
  Dialect dialect;
  dialect.tool_rules = rules;
  dialect.named_choice = openai_chat::NamedChoice::object;
  return make_openai_chat_protocol(dialect);
}

const std::vector<std::string> ignored = {"option_ignored"};

TEST(EncodeTools, ChangeNoBodyIfThereAreNone) {
  for (const std::string_view name : protocol_names()) {
    const Protocol& protocol = *find_protocol(name);
    const std::string plain = encoded(protocol, Options().model("m")).http.body;
    const Options unused = Options().model("m").tool_choice("required").parallel_tool_calls(false).max_tool_rounds(2);
    EXPECT_EQ(encoded(protocol, unused).http.body, plain) << name;
    EXPECT_EQ(encoded(protocol, Options(unused).tools({})).http.body, plain) << name;
  }
}

TEST(EncodeTools, SayWhichOptionsHaveNoUseWithoutTools) {
  const auto said = [](const Protocol& protocol, const Options& options) {
    std::string text;
    for (const Warning& warning : encoded(protocol, options).warnings)
      text += warning.code + " " + warning.message + "\n";
    return text;
  };
  const std::string choice = "option_ignored option tool_choice is not sent: the call has no tools\n";
  const std::string parallel = "option_ignored option parallel_tool_calls is not sent: the call has no tools\n";
  for (const std::string_view name : protocol_names()) {
    const Protocol& protocol = *find_protocol(name);
    const Options none = Options().model("m");
    EXPECT_EQ(said(protocol, Options(none).tool_choice("required").parallel_tool_calls(false)), choice + parallel)
        << name;
    EXPECT_EQ(said(protocol, Options(none).tool_choice("now").tools({})), choice) << name;
    EXPECT_EQ(said(protocol, Options(none).tool_choice("none").max_tool_rounds(2)), "") << name;
    EXPECT_EQ(said(protocol, Options(none).tool_choice("")), "") << name;
  }
  const Options hosted = Options().model("m").tools({search()}).tool_choice("required");
  EXPECT_EQ(said(*find_protocol("ollama_chat"), hosted),
            "option_ignored option tools: 1 hosted tool is not sent: Ollama runs no tools\n" + choice);
}

TEST(EncodeTools, LeaveOutHostedToolsWhereTheServerTakesNone) {
  Dialect dialect;
  dialect.why_none_hosted = "it runs no tools";
  const auto protocol = make_openai_chat_protocol(dialect);
  const EncodedRequest request = encoded(*protocol, Options().tools({search(), clock_tool(), search()}));
  EXPECT_EQ(request.http.body.find("web_search"), std::string::npos) << request.http.body;
  EXPECT_NE(request.http.body.find(R"("name":"now")"), std::string::npos) << request.http.body;
  EXPECT_EQ(request.warnings,
            (std::vector<Warning>{{"option_ignored", "option tools: 2 hosted tools are not sent: it runs no tools"}}));
  EXPECT_EQ(tool_fields(*protocol, Options().tools({search()})), "");
}

TEST(EncodeTools, OfChatCompletions) {
  const Options options = Options().tools({weather(), clock_tool(), search()});
  const std::string list =
      R"("tools":[{"type":"function","function":{"name":"weather_in","description":"Current weather","parameters":)"
      R"({"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}}},)"
      R"({"type":"function","function":{"name":"now","parameters":{"type":"object","properties":{},"default":1.0}}},)"
      R"({"type":"web_search","n":1.0}])";
  const auto chat = chat_of(ToolRuleSet::any);
  EXPECT_EQ(tool_fields(*chat, options), list);
  EXPECT_EQ(tool_fields(*chat, Options(options).tool_choice("auto").parallel_tool_calls(true)),
            list + R"(,"tool_choice":"auto","parallel_tool_calls":true)");
  EXPECT_EQ(tool_fields(*chat, Options(options).tool_choice("none")), list + R"(,"tool_choice":"none")");
  EXPECT_EQ(tool_fields(*chat, Options(options).tool_choice("required")), list + R"(,"tool_choice":"required")");
  EXPECT_EQ(tool_fields(*chat, Options(options).tool_choice("now")),
            list + R"(,"tool_choice":{"type":"function","function":{"name":"now"}})");
  EXPECT_NE(tool_fields(*chat_of(ToolRuleSet::openai), options).find(R"("required":["city"]},"strict":true}})"),
            std::string::npos);
}

TEST(EncodeTools, OfServersThatTakeOnlyWords) {
  const auto llama_server = make_openai_chat_protocol();
  EXPECT_EQ(tool_fields(*llama_server, Options().tools({weather(), clock_tool(), search()}).tool_choice("now")),
            R"("tools":[{"type":"function","function":{"name":"now","parameters":{"type":"object","properties":{},)"
            R"("default":1.0}}}],"tool_choice":"required")");
  Dialect mistral;
  mistral.required_choice = "any";
  mistral.parallel_tool_calls = "";
  const auto protocol = make_openai_chat_protocol(mistral);
  const Options options = Options().tools({clock_tool()}).tool_choice("required").parallel_tool_calls(false);
  EXPECT_NE(tool_fields(*protocol, options).find(R"("tool_choice":"any")"), std::string::npos);
  EXPECT_EQ(codes(encoded(*protocol, options)), ignored);
  EXPECT_TRUE(encoded(*protocol, Options(options).parallel_tool_calls(true)).warnings.empty());
}

TEST(EncodeTools, OfResponses) {
  const Protocol& responses = *find_protocol("openai_responses");
  EXPECT_EQ(tool_fields(responses, Options().tools({weather(), clock_tool(), search()}).tool_choice("now")),
            R"("tools":[{"type":"function","name":"weather_in","description":"Current weather","parameters":)"
            R"({"type":"object","properties":{"city":{"type":"string"}},"additionalProperties":false,)"
            R"("required":["city"]},"strict":true},{"type":"function","name":"now","parameters":{"type":"object",)"
            R"("properties":{},"default":1.0},"strict":false},{"type":"web_search","n":1.0}],)"
            R"("tool_choice":{"type":"function","name":"now"})");
  EXPECT_NE(tool_fields(responses, Options().tools({search()}).tool_choice("required").parallel_tool_calls(false))
                .find(R"("tool_choice":"required","parallel_tool_calls":false)"),
            std::string::npos);
}

TEST(EncodeTools, OfAnthropic) {
  const Protocol& anthropic = *find_protocol("anthropic_messages");
  const Options options = Options().model("claude-sonnet-4-5").tools({weather(), search()});
  const std::string list =
      R"("tools":[{"name":"weather_in","description":"Current weather","input_schema":{"type":"object","properties":)"
      R"({"city":{"type":"string"}},"required":["city"],"additionalProperties":false}},{"type":"web_search","n":1.0}])";
  const auto with = [&](const char* choice) { return Options(options).tool_choice(choice); };
  EXPECT_EQ(tool_fields(anthropic, options), list);
  EXPECT_EQ(tool_fields(anthropic, with("auto")), list + R"(,"tool_choice":{"type":"auto"})");
  EXPECT_EQ(tool_fields(anthropic, with("required").parallel_tool_calls(false)),
            list + R"(,"tool_choice":{"type":"any","disable_parallel_tool_use":true})");
  EXPECT_EQ(tool_fields(anthropic, with("weather_in")), list + R"(,"tool_choice":{"type":"tool","name":"weather_in"})");
  EXPECT_EQ(tool_fields(anthropic, with("none").parallel_tool_calls(false)),
            list + R"(,"tool_choice":{"type":"none"})");
  EXPECT_EQ(tool_fields(anthropic, Options(options).parallel_tool_calls(false)),
            list + R"(,"tool_choice":{"type":"auto","disable_parallel_tool_use":true})");
  for (const Options& refused :
       {with("required").model("claude-sonnet-5-5"), with("weather_in").reasoning_effort("low")}) {
    EXPECT_NE(tool_fields(anthropic, refused).find(R"("tool_choice":{"type":"auto"})"), std::string::npos);
    EXPECT_EQ(codes(encoded(anthropic, refused)), ignored);
  }
}

TEST(EncodeTools, OfOllama) {
  const Protocol& ollama = *find_protocol("ollama_chat");
  const Options options = Options().model("m").tools({clock_tool()});
  const std::string list =
      R"("tools":[{"type":"function","function":{"name":"now","parameters":{"type":"object","properties":{},"default":1.0}}}])";
  EXPECT_EQ(tool_fields(ollama, Options(options).tool_choice("auto").parallel_tool_calls(true)), list);
  EXPECT_TRUE(encoded(ollama, Options(options).tool_choice("auto")).warnings.empty());
  EXPECT_EQ(tool_fields(ollama, Options(options).tool_choice("none")), "");
  EXPECT_TRUE(encoded(ollama, Options(options).tool_choice("none")).warnings.empty());
  for (const Options& refused :
       {Options(options).tool_choice("required"), Options(options).tool_choice("now"),
        Options(options).parallel_tool_calls(false), Options(options).tools({clock_tool(), search()})}) {
    EXPECT_EQ(tool_fields(ollama, refused), list);
    EXPECT_EQ(codes(encoded(ollama, refused)), ignored);
  }
}

TEST(EncodeTools, RefuseAChoiceThatIsNoTool) {
  for (const std::string_view name : protocol_names())
    EXPECT_EQ(error_of(*find_protocol(name), Options().model("m").tools({weather()}).tool_choice("wether_in")),
              "option tool_choice is 'wether_in', which is no tool of this call, and not auto, none or required; did "
              "you mean 'weather_in'?")
        << name;
}

TEST(EncodeTools, RefuseHostedToolsThatAreNoObject) {
  for (const std::string& json : {std::string("[]"), std::string("{"), std::string(1000, '[')})
    EXPECT_EQ(error_of(*make_openai_chat_protocol(), Options().tools({Tool::hosted(json)})),
              "a hosted tool is not a JSON object of at most 200 levels");
}

TEST(EncodeTools, RefuseNamesAndCountsThatTheServerRefuses) {
  const auto named = [](const std::string& name) { return Options().tools({Tool::declared(name, "", "{}")}); };
  const auto openai = chat_of(ToolRuleSet::openai);
  EXPECT_EQ(error_of(*openai, named("get weather")),
            "tool 'get weather' has a name that OpenAI does not take: a name holds only letters, digits, '_' and '-'");
  EXPECT_EQ(error_of(*openai, named(std::string(65, 'a'))),
            "tool '" + std::string(65, 'a') +
                "' has a name that OpenAI does not take: a name has at most 64 characters, and this one has 65");
  EXPECT_NE(error_of(*openai, named("погода")), "");
  EXPECT_NE(error_of(*chat_of(ToolRuleSet::gemini), named("1st")).find("begins with a letter"), std::string::npos);
  EXPECT_NE(tool_fields(*find_protocol("anthropic_messages"), named(std::string(128, 'a'))), "");
  EXPECT_NE(tool_fields(*chat_of(ToolRuleSet::any), named("погода now")), "");
  std::vector<Tool> many;
  for (int number = 0; number < 128; ++number) many.push_back(Tool::declared("t" + std::to_string(number), "", "{}"));
  EXPECT_NE(tool_fields(*openai, Options().tools(many)), "");
  many.push_back(search());
  EXPECT_EQ(error_of(*openai, Options().tools(many)),
            "option tools has 129 tools, and OpenAI takes at most 128: offer fewer of them");
}

TEST(EncodeTools, LeaveOutKeywordsWithOneWarning) {
  const Tool first = Tool::declared("a", "", R"({"type":"object","properties":{"const":{"const":1}}})");
  const Tool second = Tool::declared("b", "", R"({"type":"object","properties":{},"additionalProperties":{}})");
  const auto gemini = chat_of(ToolRuleSet::gemini);
  const EncodedRequest request = encoded(*gemini, Options().tools({first, second, clock_tool()}));
  EXPECT_NE(request.http.body.find(R"("properties":{"const":{}})"), std::string::npos) << request.http.body;
  EXPECT_EQ(codes(request), std::vector<std::string>{"schema_keyword_removed"});
  EXPECT_NE(request.warnings[0].message.find("const of tool 'a'; additionalProperties of tool 'b'"), std::string::npos)
      << request.warnings[0].message;
}

Tool typed_tool() {
  const auto store = [](std::int64_t id, std::uint64_t size, long at, double share, float part, std::optional<long> to,
                        const std::vector<std::size_t>& parts) {
    return static_cast<double>(id + at + to.value_or(0)) + static_cast<double>(size + parts.size()) + share + part;
  };
  return Tool::from("store", "Stores a file", store, Param("id", ""), Param("size", ""), Param("at", ""),
                    Param("share", ""), Param("part", ""), Param("to", ""), Param("parts", ""));
}

TEST(EncodeTools, SendNumbersOfAllTypesInStrictMode) {
  for (const auto& protocol : {chat_of(ToolRuleSet::openai), find_protocol("openai_responses")}) {
    const EncodedRequest request = encoded(*protocol, Options().tools({typed_tool()}));
    EXPECT_NE(request.http.body.find(R"("strict":true)"), std::string::npos) << request.http.body;
    EXPECT_EQ(codes(request), std::vector<std::string>());
  }
}

TEST(EncodeTools, GiveNoWarningForTypedToolsAtGemini) {
  const EncodedRequest request = encoded(*chat_of(ToolRuleSet::gemini), Options().tools({typed_tool()}));
  EXPECT_EQ(request.http.body.find("additionalProperties"), std::string::npos) << request.http.body;
  EXPECT_NE(request.http.body.find(R"("maximum":18446744073709551615)"), std::string::npos) << request.http.body;
  EXPECT_EQ(codes(request), std::vector<std::string>());
}

TEST(EncodeTools, SayWhatReasoningModelsRefuseInChat) {
  Dialect dialect;
  dialect.openai_models = true;
  const auto chat = make_openai_chat_protocol(dialect);
  const auto with = [](const char* model) { return Options().model(model).tools({clock_tool()}); };
  const EncodedRequest without_effort = encoded(*chat, with("gpt-5.4").reasoning_effort("low"));
  EXPECT_EQ(without_effort.http.body.find("reasoning_effort"), std::string::npos);
  EXPECT_EQ(codes(without_effort), ignored);
  const EncodedRequest none = encoded(*chat, with("gpt-5.6-mini"));
  EXPECT_NE(none.http.body.find(R"("reasoning_effort":"none")"), std::string::npos);
  EXPECT_EQ(codes(none), ignored);
  EXPECT_TRUE(encoded(*chat, with("gpt-5.6").reasoning_effort("none")).warnings.empty());
  EXPECT_EQ(codes(encoded(*chat, with("gpt-6-astra"))), std::vector<std::string>{"tools_refused_by_chat"});
  EXPECT_TRUE(encoded(*chat, Options().model("gpt-6-astra").reasoning_effort("low")).warnings.empty());
}

TEST(EncodeTools, GiveTheSameBytesEachTime) {
  for (const std::string_view name : protocol_names()) {
    const Options options = Options().model("m").tools({weather(), clock_tool()});
    EXPECT_EQ(encoded(*find_protocol(name), options).http.body, encoded(*find_protocol(name), options).http.body);
  }
}

}  // namespace
}  // namespace abstractllm
