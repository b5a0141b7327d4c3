// SPDX-License-Identifier: Apache-2.0
#include "protocols/decode_testing.hpp"

#include <gtest/gtest.h>

#include "protocols/ollama_chat/ollama_chat.hpp"

namespace abstractllm::ollama_chat {
namespace {

Outcome decoded(std::string_view bytes, Delivery delivery = Delivery::stream) {
  return decode(*make_ollama_chat_protocol(), bytes, delivery);
}

std::string line(std::string_view message) {
  return R"({"model":"m","message":)" + std::string(message) + R"(,"done":false})" + "\n";
}

std::string text_line(std::string_view text) {
  return line(R"({"role":"assistant","content":")" + std::string(text) + "\"}");
}

std::string end_line(std::string_view reason) {
  return R"({"model":"m","done":true,"done_reason":)" + std::string(reason) + "}\n";
}

const std::string stop = end_line("\"stop\"");

Error refusal(int status, std::string_view body) {
  HttpHead head;
  head.status = status;
  return make_ollama_chat_protocol()->decode_error(head, body);
}

TEST(OllamaChatDecode, HandsOutEachLineAtOnceAndFinishesAtDone) {
  const std::unique_ptr<Decoder> decoder = make_ollama_chat_protocol()->decoder(Delivery::stream);
  Decoded out;
  for (std::size_t count = 1; count < 5; ++count) {
    ASSERT_TRUE(decoder->feed(text_line("a"), out));
    EXPECT_EQ(out.events.size(), count);
  }
  ASSERT_TRUE(decoder->feed(stop, out));
  EXPECT_EQ(out.events.size(), 5U) << "done is the end; the end of the bytes is not waited for";
  ASSERT_TRUE(decoder->feed("{\"error\":\"late\"}\nnot JSON\n", out)) << "what follows is no part of the answer";
  ASSERT_TRUE(decoder->finish(out));
  EXPECT_EQ(out.events.size(), 5U) << "Finished comes once";
}

TEST(OllamaChatDecode, TakesALastLineWithoutItsLineEnd) {
  std::string bytes = text_line("a") + stop;
  bytes.pop_back();
  EXPECT_TRUE(decoded(bytes).finished());
}

TEST(OllamaChatDecode, TakesCarriageReturnsAndBlankLines) {
  EXPECT_EQ(decoded("\r\n" + text_line("a") + "\r\n\n" + text_line("b") + " \r\n" + stop).text(), "ab");
}

TEST(OllamaChatDecode, ReadsEventsWhereAGatewaySendsThemForLines) {
  const Outcome outcome = decoded("data: " + text_line("a") + "\ndata: " + stop + "\n");
  EXPECT_EQ(outcome.text(), "a");
  EXPECT_TRUE(outcome.finished());
}

TEST(OllamaChatDecode, TakesNoOtherEndThanDone) {
  for (const std::string& bytes : {text_line("a"), "data: " + text_line("a") + "\ndata: [DONE]\n\n",
                                   text_line("a") + R"({"done":"true","done_reason":"stop"})" + "\n",
                                   text_line("a") + R"({"done":1,"done_reason":"stop"})" + "\n"}) {
    const Outcome outcome = decoded(bytes);
    ASSERT_TRUE(outcome.error) << bytes;
    EXPECT_EQ(outcome.error->kind, ErrorKind::protocol) << bytes;
    EXPECT_EQ(outcome.text(), "a") << bytes;
    EXPECT_FALSE(outcome.finished()) << bytes;
  }
}

TEST(OllamaChatDecode, RefusesABodyThatIsNotDone) {
  for (const char* body : {"{}", R"({"message":{"content":"a"}})", R"({"message":{"content":"a"},"done":false})"}) {
    const Outcome outcome = decoded(body, Delivery::body);
    ASSERT_TRUE(outcome.error) << body;
    EXPECT_EQ(outcome.error->message, "the stream ended without \"done\": true: the answer is cut off") << body;
  }
}

TEST(OllamaChatDecode, TellsAnEmptyAnswerFromACutOne) {
  EXPECT_EQ(decoded("").error->message, "the answer is empty");
  EXPECT_EQ(decoded("{}\n").error->message, "the stream ended without \"done\": true: the answer is cut off");
}

TEST(OllamaChatDecode, RefusesJsonThatIsNoObject) {
  for (const char* bytes : {"[]\n", "[{\"done\":true}]\n"}) {
    const Outcome outcome = decoded(bytes);
    EXPECT_TRUE(outcome.error && outcome.error->kind == ErrorKind::protocol) << bytes;
  }
}

TEST(OllamaChatDecode, UnifiesDoneReasonsAndKeepsOllamasWord) {
  const std::pair<const char*, FinishReason> words[] = {
      {"stop", FinishReason::stop},    {"length", FinishReason::length},   {"load", FinishReason::other},
      {"unload", FinishReason::other}, {"something", FinishReason::other},
  };
  for (const auto& [word, reason] : words) {
    const Outcome outcome = decoded(end_line("\"" + std::string(word) + "\""));
    ASSERT_TRUE(outcome.finished()) << word;
    EXPECT_EQ(outcome.finished()->finish_reason, reason) << word;
    EXPECT_EQ(outcome.finished()->raw_finish_reason, word);
  }
}

TEST(OllamaChatDecode, TakesDoneWithoutAReason) {
  for (const char* reason : {"null", "\"\"", "7"}) {
    const Outcome outcome = decoded(end_line(reason));
    ASSERT_TRUE(outcome.finished()) << reason;
    EXPECT_EQ(outcome.finished()->finish_reason, FinishReason::other) << reason;
    EXPECT_EQ(outcome.finished()->raw_finish_reason, "") << reason;
  }
}

TEST(OllamaChatDecode, SaysToolCallsWhereThereAreSomeUnlessTheAnswerWasCut) {
  const std::string calls = line(R"({"tool_calls":[{"function":{"name":"f","arguments":{}}}]})");
  EXPECT_EQ(decoded(calls + stop).finished()->finish_reason, FinishReason::tool_calls);
  EXPECT_EQ(decoded(calls + stop).finished()->raw_finish_reason, "stop");
  EXPECT_EQ(decoded(calls + end_line("null")).finished()->finish_reason, FinishReason::tool_calls);
  EXPECT_EQ(decoded(calls + end_line("\"length\"")).finished()->finish_reason, FinishReason::length);
  EXPECT_EQ(decoded(calls + end_line("\"unload\"")).finished()->finish_reason, FinishReason::tool_calls);
}

TEST(OllamaChatDecode, GivesACallAsStartedDeltaAndCallInOnePlace) {
  const Outcome outcome =
      decoded(line(R"({"tool_calls":[{"id":"i","function":{"name":"f","arguments":{"a":[1, "é"]}}}]})") + stop);
  ASSERT_EQ(outcome.decoded.events.size(), 4U);
  EXPECT_EQ(std::get<ToolCallStarted>(outcome.decoded.events[0]), (ToolCallStarted{"i", "f"}));
  EXPECT_EQ(std::get<ToolCallDelta>(outcome.decoded.events[1]), (ToolCallDelta{"i", R"({"a":[1,"é"]})"}));
  EXPECT_EQ(std::get<ToolCall>(outcome.decoded.events[2]), (ToolCall{"i", "f", R"({"a":[1,"é"]})"}));
}

TEST(OllamaChatDecode, GivesEachCallAnIdOfItsOwn) {
  const Outcome outcome =
      decoded(line(R"({"tool_calls":[{"id":"x","function":{"name":"f"}},{"id":"call_2","function":{"name":"f"}},)"
                   R"({"function":{"name":"f"}},{"id":"x","function":{"name":"f"}},{"id":"","function":{"name":"f"}},)"
                   R"({"id":7,"function":{"name":"f"}}]})") +
              stop);
  std::vector<std::string> ids;
  for (const ToolCall& call : outcome.all<ToolCall>()) ids.push_back(call.id);
  EXPECT_EQ(ids, (std::vector<std::string>{"x", "call_2", "call_3", "call_4", "call_5", "call_6"}));
}

TEST(OllamaChatDecode, KeepsArgumentsThatAreNoObject) {
  const Outcome outcome = decoded(line(R"({"tool_calls":[{"function":{"name":"f","arguments":"{\"a\":1}"}},)"
                                       R"({"function":{"name":"g"}},{"function":{"arguments":[1]}}]})") +
                                  stop);
  const std::vector<ToolCall> calls = outcome.all<ToolCall>();
  ASSERT_EQ(calls.size(), 3U);
  EXPECT_EQ(calls[0].arguments_json, R"({"a":1})");
  EXPECT_EQ(calls[1].arguments_json, "");
  EXPECT_EQ(calls[2], (ToolCall{"call_2", "", "[1]"}));
}

TEST(OllamaChatDecode, LeavesCountsUnknownThatAreNotThere) {
  const Outcome outcome = decoded(R"({"done":true,"done_reason":"stop","eval_count":0})");
  EXPECT_FALSE(outcome.finished()->usage.input_tokens.known());
  EXPECT_EQ(outcome.finished()->usage.output_tokens, 0) << "zero is not unknown";
  EXPECT_FALSE(outcome.finished()->usage.cached_input_tokens.known());
  EXPECT_EQ(outcome.decoded.usage, outcome.finished()->usage);
  EXPECT_EQ(decoded(stop).finished()->usage, Usage());
}

TEST(OllamaChatDecode, ReadsNanosecondsOfTheServersWork) {
  const ModelTiming timing = decoded(R"({"done":true,"load_duration":1500,"prompt_eval_duration":2000,)"
                                     R"("eval_duration":-1})")
                                 .decoded.model_timing;
  EXPECT_EQ(timing.load, std::chrono::microseconds(1));
  EXPECT_EQ(timing.prompt, std::chrono::microseconds(2));
  EXPECT_FALSE(timing.generation);
}

TEST(OllamaChatDecode, KeepsTheFirstModel) {
  EXPECT_EQ(decoded(R"({"model":"","done":false}{"model":"a","done":false}{"model":"b","done":true})").decoded.model,
            "a");
  EXPECT_EQ(decoded(stop).decoded.id, "") << "Ollama gives none";
}

TEST(OllamaChatDecode, TakesAnErrorLineForAnErrorAndKeepsWhatCame) {
  const Outcome outcome = decoded(text_line("a") + R"({"error":"model runner has stopped"})" + "\n" + stop);
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->kind, ErrorKind::unavailable);
  EXPECT_EQ(outcome.error->provider_message, "model runner has stopped");
  EXPECT_EQ(outcome.error->http_status, 0);
  EXPECT_EQ(outcome.error->message.find("runner"), std::string::npos) << "the provider's words are untrusted";
  EXPECT_EQ(outcome.text(), "a");
}

TEST(OllamaChatDecode, TakesTheStatusThatAnErrorLineNames) {
  EXPECT_EQ(decoded(R"({"error":{"message":"no","code":404}})").error->kind, ErrorKind::not_found);
  EXPECT_EQ(decoded(R"({"error":"no","status_code":429})").error->kind, ErrorKind::rate_limited);
}

TEST(OllamaChatDecode, DoesNotTakeAnEmptyErrorMemberForAnError) {
  for (const char* error : {"null", "false", "\"\"", "{}"})
    EXPECT_TRUE(decoded(R"({"done":true,"error":)" + std::string(error) + "}").finished()) << error;
}

TEST(OllamaChatDecode, SurvivesMembersOfWrongTypes) {
  for (const char* json :
       {R"({"message":7})", R"({"message":[{"content":"x"}]})", R"({"model":[],"message":"x","done":{}})",
        R"({"message":{"content":{"a":1},"thinking":[],"tool_calls":"x"}})",
        R"({"message":{"tool_calls":[7,null,[],{},{"function":[]}]}})",
        R"({"logprobs":{"a":1},"prompt_eval_count":-1,"eval_count":1e300})"}) {
    const Outcome outcome = decoded(json + text_line("a") + stop);
    ASSERT_TRUE(outcome.finished()) << json;
    EXPECT_EQ(outcome.text(), "a") << json;
    EXPECT_EQ(outcome.decoded.events.size(), 2U) << json;
    EXPECT_EQ(outcome.finished()->usage, Usage()) << json;
    EXPECT_EQ(outcome.decoded.logprobs_json, "") << json;
  }
}

TEST(OllamaChatDecode, RefusesJsonThatIsTooDeepWithoutCrashing) {
  const std::string deep = std::string(100000, '[') + std::string(100000, ']');
  EXPECT_TRUE(decoded(R"({"x":)" + deep + "}").error);
  EXPECT_TRUE(decoded(R"({"x":)" + deep + "}", Delivery::body).error);
}

TEST(OllamaChatDecode, ReadsErrorsThatComeWithAStatus) {
  const Error missing = refusal(404, R"({"error":"model \"nope\" not found, try pulling it first"})");
  EXPECT_EQ(missing.kind, ErrorKind::not_found);
  EXPECT_EQ(missing.http_status, 404);
  EXPECT_EQ(missing.provider_message, "model \"nope\" not found, try pulling it first");
  const Error thinking = refusal(400, R"({"error":"\"llama3.2\" does not support thinking"})");
  EXPECT_EQ(thinking.kind, ErrorKind::invalid_argument);
  EXPECT_EQ(thinking.provider_message, "\"llama3.2\" does not support thinking");
  EXPECT_EQ(refusal(401, R"({"error":"unauthorized","signin_url":"https://ollama.com/x"})").kind,
            ErrorKind::authentication);
  EXPECT_EQ(refusal(503, R"({"error":"server busy"})").kind, ErrorKind::unavailable);
  EXPECT_EQ(refusal(502, "").kind, ErrorKind::unavailable);
}

}  // namespace
}  // namespace abstractllm::ollama_chat
