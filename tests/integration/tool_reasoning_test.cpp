// SPDX-License-Identifier: Apache-2.0
// Reasoning state through the tool loop: what a provider wants back with the results of its calls, it gets back.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "integration/tools_fixture.hpp"
#include "providers/registry.hpp"

namespace abstractllm {
namespace {

using test::codes_of;

/// An answer with reasoning and calls, and how the next request holds it.
struct StateCase {
  const char* name;
  const char* provider;
  const char* recording;  ///< without the ending; "": no recording has calls, `whole` and `streamed` are used
  std::string assistant;  ///< one run of bytes in the next request; "#0" and "#1" stand for ids that we made
  std::vector<std::string> state = {};  ///< what no other provider may get
  bool is_plain_text = false;           ///< no state that only its provider can read: nobody has to be warned
  /// The same after a stream, where a member of an object came later than the members behind it. Empty: `assistant`
  std::string assistant_streamed = {};
  std::string whole = {};
  std::string streamed = {};
  friend void PrintTo(const StateCase& each, std::ostream* out) { *out << each.name; }
};

const std::string deepseek_call = R"({"index":0,"id":"call_d","type":"function","function":{"name":"look",)";

std::vector<StateCase> state_cases() {
  return {{"Anthropic",
           "anthropic",
           "thinking_with_tool",
           R"("content":[{"type":"thinking","thinking":"Look it up.","signature":"c2lnMQ=="},)"
           R"({"type":"redacted_thinking","data":"cmVkMQ=="},{"type":"redacted_thinking","data":"cmVkMg=="},)"
           R"({"type":"text","text":"Let me look."},{"type":"text","text":"Now."},)"
           R"({"type":"tool_use","id":"toolu_1","name":"look","input":{"id":9007199254740993}}]})",
           {"c2lnMQ==", "cmVkMQ==", "cmVkMg=="}},
          {"Responses",
           "openai",
           "openai_encrypted_reasoning",
           R"({"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"First."}],)"
           R"("encrypted_content":"gAAA1"},)"
           R"({"type":"message","role":"assistant","content":[{"type":"output_text","text":"Looking."}],)"
           R"("phase":"commentary"},)"
           R"({"id":"rs_2","type":"reasoning","summary":[],"encrypted_content":"gAAA2"},)"
           R"({"type":"function_call","call_id":"call_a","name":"look","arguments":"{\"a\":1.0}"})",
           {"gAAA1", "gAAA2"}},
          {"Gemini",
           "gemini",
           "gemini_tools_without_ids",
           R"("tool_calls":[{"id":"#0","type":"function",)"
           R"("function":{"name":"weather_in","arguments":"{\"city\":\"Paris\"}"},)"
           R"("extra_content":{"google":{"thought_signature":"c2ln"}}},)"
           R"({"id":"#1","type":"function","function":{"name":"weather_in","arguments":"{\"city\":\"Rome\"}"}}])",
           {"c2ln", "extra_content"}},
          {"OpenRouter",
           "openrouter",
           "openrouter_reasoning_details",
           R"("reasoning_details":[{"type":"reasoning.text","text":"Look it up.","signature":"c2lnMQ==",)"
           R"("format":"anthropic-claude-v1","index":0},{"type":"reasoning.encrypted","data":"cmVkMQ==","id":"e1",)"
           R"("format":"anthropic-claude-v1","index":1}])",
           {"c2lnMQ==", "cmVkMQ==", "reasoning_details"},
           false,
           R"("reasoning_details":[{"type":"reasoning.text","text":"Look it up.","format":"anthropic-claude-v1",)"
           R"("index":0,"signature":"c2lnMQ=="},{"type":"reasoning.encrypted","data":"cmVkMQ==","id":"e1",)"
           R"("format":"anthropic-claude-v1","index":1}])"},
          // The form is that of the recording deepseek_reasoning, which has no calls; theirs is OpenAI's
          // (https://api-docs.deepseek.com/guides/thinking_mode, 2026-11).
          {"DeepSeek",
           "deepseek",
           "",
           R"("tool_calls":[{"id":"call_d","type":"function","function":{"name":"look","arguments":"{\"a\":1}"}}],)"
           R"("reasoning_content":"Hm, \"yes\".")",
           {"reasoning_content"},
           true,
           "",
           R"({"id":"ds-1","object":"chat.completion","model":"deepseek-v4","choices":[{"index":0,"message":)"
           R"({"role":"assistant","content":"","reasoning_content":"Hm, \"yes\".","tool_calls":[)" +
               deepseek_call + R"("arguments":"{\"a\":1}"}}]},"logprobs":null,"finish_reason":"tool_calls"}],)" +
               R"("usage":{"prompt_tokens":25,"completion_tokens":30,"total_tokens":55}})",
           R"(data: {"id":"ds-1","model":"deepseek-v4","choices":[{"index":0,"delta":)"
           R"({"role":"assistant","content":null,"reasoning_content":"Hm, \"y"}}]})"
           "\n\n"
           R"(data: {"choices":[{"index":0,"delta":{"content":null,"reasoning_content":"es\"."}}]})"
           "\n\n"
           R"(data: {"choices":[{"index":0,"delta":{"tool_calls":[)" +
               deepseek_call + R"("arguments":"{\"a\""}}]}}]})" +
               "\n\n"
               R"(data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]}}]})"
               "\n\n"
               R"(data: {"choices":[{"index":0,"delta":{"content":""},"finish_reason":"tool_calls"}]})"
               "\n\ndata: [DONE]\n\n"}};
}

/// A provider of this library with a fake server.
class StateProvider {
 public:
  StateProvider(const std::string& name, const std::vector<std::string>& answers) {
    provider_ = **find_provider(name);
    std::vector<test::Script> scripts;
    for (const std::string& bytes : answers) {
      test::Script script{test::Head{}};
      for (std::size_t at = 0; at < bytes.size(); at += 7) script.emplace_back(test::Bytes{bytes.substr(at, 7)});
      script.emplace_back(test::End{});
      scripts.push_back(std::move(script));
    }
    server_ = std::make_shared<test::ScriptedTransport>(std::move(scripts), clock_);
    provider_.transport = [to = server_](const Options&) -> Result<std::shared_ptr<Transport>> {
      return std::shared_ptr<Transport>(to);
    };
  }

  Llm llm() const {
    const char* model = provider_.name == "openai" ? "gpt-5.1" : "m-1";  // OpenAI's other models have no reasoning
    return create_llm(provider_, Options().model(model).api_key("k").max_retries(0)).value();
  }
  std::vector<std::string> sent() const {
    std::vector<std::string> bodies;
    for (const auto& request : server_->requests()) bodies.push_back(request->body);
    return bodies;
  }

 private:
  test::FakeClock clock_;
  Provider provider_;
  std::shared_ptr<test::ScriptedTransport> server_;
};

std::string wire_of(const char* provider) {
  return std::string(find_provider(provider).value()->protocols.front()->name());
}

std::string recorded(const StateCase& each, Delivery delivery) {
  const bool is_whole = delivery == Delivery::body;
  if (*each.recording == '\0') return is_whole ? each.whole : each.streamed;
  std::ifstream file(std::filesystem::path(ABSTRACTLLM_SOURCE_DIR) / "src/protocols" / wire_of(each.provider) /
                         "testdata" / (std::string(each.recording) + (is_whole ? ".json" : ".sse")),
                     std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Options two_tools() {
  return Options().tools({test::saying("look", "It is here."), test::saying("weather_in", "Sunny.")});
}

/// What one conversation with a tool sent and gave.
struct Conversation {
  Response response;
  std::vector<std::string> bodies;  ///< of the requests; ids that we made are "#0", "#1", …
};

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

Result<Response> streamed_to_end(Stream stream) {
  for (;;) {
    auto event = stream.next();
    if (!event) return event.error();
    if (!*event) return stream.response();
  }
}

Conversation converse(const StateCase& each, Delivery delivery) {
  const std::string wire = wire_of(each.provider);
  const StateProvider provider(each.provider,
                               {recorded(each, delivery), test::answer_bytes(wire, delivery, {"Done.", {}, ""})});
  const Llm llm = provider.llm();
  auto outcome = delivery == Delivery::body ? llm.generate("Where?", two_tools())
                                            : streamed_to_end(llm.stream("Where?", two_tools()));
  EXPECT_TRUE(outcome) << outcome.error().message;
  Conversation conversation{outcome ? *outcome : Response(), provider.sent()};
  if (conversation.response.steps.empty()) return conversation;
  const std::vector<ToolCall>& calls = conversation.response.steps.front().tool_calls;
  if (std::string(each.provider) == "gemini")
    for (std::size_t i = 0; i < calls.size(); ++i)
      for (std::string& body : conversation.bodies) replace_all(body, calls[i].id, "#" + std::to_string(i));
  return conversation;
}

class ToolReasoning : public ::testing::TestWithParam<StateCase> {};
INSTANTIATE_TEST_SUITE_P(Forms, ToolReasoning, ::testing::ValuesIn(state_cases()),
                         [](const auto& each) { return each.param.name; });

TEST_P(ToolReasoning, GoesBackByteForByteAndInPlace) {
  for (const Delivery delivery : {Delivery::body, Delivery::stream}) {
    const Conversation conversation = converse(GetParam(), delivery);
    EXPECT_EQ(conversation.response.text, "Done.");
    EXPECT_TRUE(codes_of(conversation.response.warnings).empty());
    ASSERT_EQ(conversation.bodies.size(), 2u);
    const std::string& streamed = GetParam().assistant_streamed;
    const std::string& expected = delivery == Delivery::body || streamed.empty() ? GetParam().assistant : streamed;
    EXPECT_NE(conversation.bodies[1].find(expected), std::string::npos) << conversation.bodies[1] << "\nlacks\n"
                                                                        << expected;
  }
}

TEST_P(ToolReasoning, GivesTheSameSecondRequestWholeAndStreamed) {
  std::vector<nlohmann::json> sent;  // the order of members says nothing
  for (const Delivery delivery : {Delivery::body, Delivery::stream}) {
    const Conversation conversation = converse(GetParam(), delivery);
    ASSERT_EQ(conversation.bodies.size(), 2u);
    sent.push_back(nlohmann::json::parse(conversation.bodies[1]));
    sent.back().erase("stream");
    sent.back().erase("stream_options");
  }
  EXPECT_EQ(sent[0].dump(), sent[1].dump());
}

TEST_P(ToolReasoning, IsNotSentToAnotherProvider) {
  const Conversation conversation = converse(GetParam(), Delivery::stream);
  ASSERT_EQ(conversation.response.messages.size(), 3u);
  std::vector<Message> half_way = {Message::user("Where?")};
  half_way.insert(half_way.end(), conversation.response.messages.begin(), conversation.response.messages.begin() + 2);
  for (const StateCase& other : state_cases()) {
    if (other.name == std::string(GetParam().name)) continue;
    SCOPED_TRACE(std::string("to ") + other.name);
    const std::string wire = wire_of(other.provider);
    const StateProvider provider(other.provider, {test::answer_bytes(wire, Delivery::body, {"Done.", {}, ""})});
    const auto reply = provider.llm().generate(half_way, two_tools());
    ASSERT_TRUE(reply) << reply.error().message;
    const std::vector<std::string> codes =
        GetParam().is_plain_text ? std::vector<std::string>() : std::vector<std::string>{"reasoning_dropped"};
    EXPECT_EQ(codes_of(reply->warnings), codes);
    ASSERT_EQ(provider.sent().size(), 1u);
    for (const std::string& state : GetParam().state)
      EXPECT_EQ(provider.sent()[0].find(state), std::string::npos) << provider.sent()[0];
    for (const ToolCall& call : conversation.response.steps.front().tool_calls)
      EXPECT_NE(provider.sent()[0].find(call.name), std::string::npos) << "the call itself is sent";
  }
}

TEST(ToolReasoningOfResponses, WorksWithoutStateOnTheServer) {
  for (const StateCase& each : state_cases()) {
    if (each.provider != std::string("openai")) continue;
    const Conversation conversation = converse(each, Delivery::stream);
    ASSERT_EQ(conversation.bodies.size(), 2u);
    for (const std::string& body : conversation.bodies) {
      const Json sent = Json::parse(body);
      EXPECT_EQ(sent.at("store"), false);
      EXPECT_FALSE(sent.contains("previous_response_id"));
    }
    EXPECT_EQ(Json::parse(conversation.bodies[1]).at("include"), Json::array({"reasoning.encrypted_content"}));
  }
}

}  // namespace
}  // namespace abstractllm
