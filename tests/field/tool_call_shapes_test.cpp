// SPDX-License-Identifier: Apache-2.0
//
// Shapes of tool calls that broke other people's clients, and calls that were cut.
#include <gtest/gtest.h>

#include "base/json.hpp"
#include "field/answers.hpp"

namespace abstractllm::field_cases {
namespace {

using Calls = std::vector<ToolCall>;

FinishReason reason_of(const Outcome& outcome) { return outcome.finished().value().finish_reason; }

// Some servers count fragments instead of calls. An index alone makes no call.
TEST(ToolCallFragments, AtAnotherIndexBelongToTheOpenCall) {
  const Outcome outcome = answer(
      "openai_chat", chat_delta(R"({"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":""}}]})") +
                         chat_delta(R"({"tool_calls":[{"index":1,"function":{"arguments":"{\"a\":"}}]})") +
                         chat_delta(R"({"tool_calls":[{"index":2,"id":"","function":{"name":"","arguments":"1}"}}]})") +
                         chat_end("tool_calls"));
  EXPECT_EQ(outcome.all<ToolCall>(), (Calls{{"c", "f", R"({"a":1})"}}));
  const Outcome responses = answer(
      "openai_responses",
      event(R"({"type":"response.output_item.added","output_index":0,"item":{"type":"function_call","call_id":"c",)"
            R"("name":"f","arguments":""}})") +
          event(R"({"type":"response.function_call_arguments.delta","output_index":1,"delta":"{}"})") +
          event(R"({"type":"response.completed","response":{"status":"completed"}})"));
  EXPECT_EQ(responses.all<ToolCall>(), (Calls{{"c", "f", "{}"}}));
  const Outcome messages = answer(
      "anthropic_messages",
      event(R"({"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"c","name":"f"}})") +
          event(R"({"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{}"}})") +
          event(R"({"type":"content_block_stop","index":1})") +
          event(R"({"type":"message_delta","delta":{"stop_reason":"tool_use"}})"));
  EXPECT_EQ(messages.all<ToolCall>(), (Calls{{"c", "f", "{}"}}));
}

// An agent that runs them asks for a tool without a name.
TEST(EmptyCalls, AreNoCalls) {
  for (
      const std::string delta :
      {R"({"content":"Hi","function_call":{}})", R"({"content":"Hi","function_call":{"name":"","arguments":""}})",
       R"({"content":"Hi","function_call":null})", R"({"content":"Hi","tool_calls":[{}]})",
       R"({"content":"Hi","tool_calls":[{"index":0,"id":"","type":"function","function":{"name":"","arguments":""}}]})",
       R"({"content":"Hi","tool_calls":[{"index":0,"id":null,"function":{"name":null,"arguments":null}}]})"}) {
    const Outcome stream = answer("openai_chat", chat_delta(delta) + chat_end("stop"));
    EXPECT_TRUE(stream.all<ToolCall>().empty()) << delta;
    EXPECT_EQ(reason_of(stream), FinishReason::stop) << delta;
    EXPECT_EQ(stream.text(), "Hi");
    const Outcome body =
        answer("openai_chat", R"({"choices":[{"index":0,"message":)" + delta + R"(,"finish_reason":"stop"}]})");
    EXPECT_TRUE(body.all<ToolCall>().empty()) << delta;
    EXPECT_EQ(reason_of(body), FinishReason::stop) << delta;
  }
  const Outcome ollama =
      answer("ollama_chat",
             R"({"message":{"content":"Hi","tool_calls":[{"function":{"name":""}}]},"done":true,"done_reason":"stop"})"
             "\n");
  EXPECT_TRUE(ollama.all<ToolCall>().empty());
  EXPECT_EQ(reason_of(ollama), FinishReason::stop);
}

// xAI's own searches come as calls that it has run already. The same type is a call for the caller from OpenAI.
TEST(ServerRunCalls, OfXaiAreNoCallsForTheCaller) {
  const auto stream = [](std::string_view item) {
    return answer(
        "openai_responses",
        event(R"({"type":"response.output_item.added","output_index":0,"item":)" + std::string(item) + "}") +
            event(R"({"type":"response.custom_tool_call_input.delta","output_index":0,"delta":"{}"})") +
            event(R"({"type":"response.custom_tool_call_input.done","output_index":0,"input":"{}"})") +
            event(R"({"type":"response.output_item.done","output_index":0,"item":)" + std::string(item) + "}") +
            event(R"({"type":"response.output_text.delta","output_index":1,"delta":"Found"})") +
            event(R"({"type":"response.completed","response":{"status":"completed","output":[)" + std::string(item) +
                  "]}}"));
  };
  for (const std::string_view item :
       {R"({"type":"custom_tool_call","id":"ctc_1","call_id":"xs_call_1","name":"x_keyword_search","input":"{}"})",
        R"({"type":"custom_tool_call","id":"ctc_1","call_id":"1","name":"web_search","input":"{}"})"}) {
    const Outcome outcome = stream(item);
    EXPECT_TRUE(outcome.all<ToolCall>().empty()) << item;
    EXPECT_EQ(outcome.text(), "Found");
    EXPECT_EQ(reason_of(outcome), FinishReason::stop);
  }
  const Outcome own = stream(R"({"type":"custom_tool_call","id":"ctc_1","call_id":"c","name":"sql","input":"{}"})");
  EXPECT_EQ(own.all<ToolCall>(), (Calls{{"c", "sql", "{}"}}));
  EXPECT_EQ(reason_of(own), FinishReason::tool_calls);
}

// Many servers say "stop" after calls.
TEST(CompleteCalls, MakeTheFinishReason) {
  for (const std::string_view reason : {"stop", "eos", "whatever"}) {
    const Outcome outcome = answer("openai_chat", two_fragments("openai_chat", "{", "}", reason));
    EXPECT_EQ(reason_of(outcome), FinishReason::tool_calls) << reason;
    EXPECT_EQ(outcome.finished()->raw_finish_reason, reason);
  }
  EXPECT_EQ(reason_of(answer("anthropic_messages", two_fragments("anthropic_messages", "{", "}", "end_turn"))),
            FinishReason::tool_calls);
  EXPECT_EQ(reason_of(answer("ollama_chat", two_fragments("ollama_chat", "{", "}", "stop"))), FinishReason::tool_calls);
  const std::pair<std::string_view, std::string_view> filtered[] = {
      {"openai_chat", "content_filter"}, {"openai_responses", "content_filter"}, {"anthropic_messages", "refusal"}};
  for (const auto& [protocol, word] : filtered)
    EXPECT_EQ(reason_of(answer(protocol, two_fragments(protocol, "{", "}", word))), FinishReason::content_filter)
        << protocol;
}

std::string_view word_for_length(std::string_view protocol) {
  if (protocol == "openai_responses") return "max_output_tokens";
  return protocol == "anthropic_messages" ? "max_tokens" : "length";
}

TEST(CutCalls, AreKeptAndMarked) {
  for (const std::string_view protocol : all_protocols) {
    const Outcome outcome =
        answer(protocol, two_fragments(protocol, R"({\"a\":)", R"(\"b)", word_for_length(protocol)));
    ASSERT_FALSE(outcome.error) << protocol;
    EXPECT_EQ(outcome.all<ToolCall>(), (Calls{{"c", "f", R"({"a":"b)", true}})) << protocol;
    EXPECT_EQ(reason_of(outcome), FinishReason::length) << protocol;
    EXPECT_EQ(to_json(StreamEvent(outcome.all<ToolCall>().at(0)), Response()),
              R"({"type":"tool_call","id":"c","name":"f","arguments":"{\"a\":\"b","incomplete":true})");
  }
}

TEST(CutCalls, BeforeTheirArgumentsAreNoCallsWithoutArguments) {
  for (const std::string_view protocol : all_protocols) {
    const Outcome cut = answer(protocol, two_fragments(protocol, "", "", word_for_length(protocol)));
    EXPECT_EQ(cut.all<ToolCall>(), (Calls{{"c", "f", "", true}})) << protocol;
    EXPECT_EQ(reason_of(cut), FinishReason::length) << protocol;
    EXPECT_EQ(to_json(StreamEvent(cut.all<ToolCall>().at(0)), Response()),
              R"({"type":"tool_call","id":"c","name":"f","arguments":"","incomplete":true})");
    const Outcome whole = answer(protocol, two_fragments(protocol, "", ""));
    ASSERT_EQ(whole.all<ToolCall>().size(), 1U) << protocol;
    EXPECT_FALSE(whole.all<ToolCall>()[0].incomplete) << protocol;
    EXPECT_EQ(reason_of(whole), FinishReason::tool_calls) << protocol;
    EXPECT_EQ(to_json(StreamEvent(whole.all<ToolCall>()[0]), Response()),
              R"({"type":"tool_call","id":"c","name":"f","arguments":{}})");
  }
}

TEST(CutCalls, InABodyAreMarkedToo) {
  const Outcome chat = answer("openai_chat", R"({"choices":[{"index":0,"message":{"tool_calls":[{"id":"c","function":)"
                                             R"({"name":"f","arguments":""}}]},"finish_reason":"length"}]})");
  EXPECT_EQ(chat.all<ToolCall>(), (Calls{{"c", "f", "", true}}));
  const Outcome messages = answer("anthropic_messages",
                                  R"({"type":"message","content":[{"type":"tool_use","id":"a","name":"f","input":{}},)"
                                  R"({"type":"tool_use","id":"c","name":"f","input":{}}],"stop_reason":"max_tokens"})");
  EXPECT_EQ(messages.all<ToolCall>(), (Calls{{"a", "f", "{}"}, {"c", "f", "", true}})) << "only the last one was cut";
}

// A gateway says tool_calls although the limit was reached: there is nothing to run.
TEST(CutCalls, AloneAreNoReasonToRunTools) {
  const Outcome outcome = answer("openai_chat", two_fragments("openai_chat", "{", "", "tool_calls"));
  EXPECT_EQ(outcome.all<ToolCall>(), (Calls{{"c", "f", "{", true}}));
  EXPECT_EQ(reason_of(outcome), FinishReason::other);
}

TEST(WrongCalls, AreNotCutCalls) {
  const Outcome outcome = answer("openai_chat", two_fragments("openai_chat", "{a", ": 1}"));
  EXPECT_EQ(outcome.all<ToolCall>(), (Calls{{"c", "f", "{a: 1}", false}})) << "the model wrote no JSON, but all of it";
}

// Two calls with one id cannot be told apart when their results are sent.
TEST(CallIds, AreEachCallsOwn) {
  const Outcome chat =
      answer("openai_chat", R"({"choices":[{"index":0,"message":{"tool_calls":[{"id":"a","function":{"name":"f"}},)"
                            R"({"id":"a","function":{"name":"g"}}]},"finish_reason":"tool_calls"}]})");
  EXPECT_EQ(chat.all<ToolCall>(), (Calls{{"a", "f", ""}, {"call_1", "g", ""}}));
  const Outcome messages = answer(
      "anthropic_messages", R"({"type":"message","content":[{"type":"tool_use","id":"a","name":"f","input":{"x":1}},)"
                            R"({"type":"tool_use","id":"a","name":"g","input":{"x":2}}],"stop_reason":"tool_use"})");
  EXPECT_EQ(messages.all<ToolCall>(), (Calls{{"a", "f", R"({"x":1})"}, {"call_1", "g", R"({"x":2})"}}));
}

// Ids that carry a whole signature (LiteLLM for Gemini) must come through; but not once more with each fragment.
TEST(CallIds, OfAnyLengthAreKept) {
  const std::string id(5000, 'x');
  for (const std::string_view protocol : {"openai_chat", "openai_responses", "anthropic_messages"}) {
    std::string bytes = two_fragments(protocol, "{", "}");
    bytes.replace(bytes.find("\"c\""), 3, "\"" + id + "\"");
    const Outcome outcome = decode(*find_protocol(protocol), bytes);
    EXPECT_EQ(outcome.all<ToolCall>(), (Calls{{id, "f", "{}"}})) << protocol;
    EXPECT_EQ(outcome.all<ToolCallDelta>(), (std::vector<ToolCallDelta>{{id, "{}"}})) << protocol;
  }
}

}  // namespace
}  // namespace abstractllm::field_cases
