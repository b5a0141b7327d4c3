// SPDX-License-Identifier: Apache-2.0
#include "protocols/decode_testing.hpp"

#include <gtest/gtest.h>

#include "protocols/openai_responses/openai_responses.hpp"

namespace abstractllm::openai_responses {
namespace {

Outcome decoded(std::string_view bytes, Delivery delivery = Delivery::stream) {
  return decode(*make_openai_responses_protocol(), bytes, delivery);
}

/// Returns one event. `members` follow its type.
std::string event(std::string_view type, std::string_view members = "") {
  return "data: {\"type\":\"" + std::string(type) + "\"" + std::string(members.empty() ? "" : ",") +
         std::string(members) + "}\n\n";
}

std::string text(std::string_view delta, std::string_view key = "\"output_index\":0") {
  return event("response.output_text.delta", std::string(key) + R"(,"delta":")" + std::string(delta) + "\"");
}

std::string message(std::string_view text, std::string_view id = "") {
  return R"({"type":"message","id":")" + std::string(id) + R"(","content":[{"type":"output_text","text":")" +
         std::string(text) + "\"}]}";
}

std::string completed(std::string_view output = "") {
  return event("response.completed",
               R"("response":{"id":"r","status":"completed","output":[)" + std::string(output) + "]}");
}

TEST(OpenaiResponsesDecode, FinishesAtItsLastEventWithoutWaitingForTheEndOfTheBytes) {
  const std::unique_ptr<Decoder> decoder = make_openai_responses_protocol()->decoder(Delivery::stream);
  Decoded out;
  ASSERT_TRUE(decoder->feed(text("a"), out));
  EXPECT_EQ(out.events.size(), 1U);
  ASSERT_TRUE(decoder->feed(completed(), out));
  EXPECT_EQ(out.events.size(), 2U);
  ASSERT_TRUE(decoder->feed("data: not JSON\n\ndata: [DONE]\n\n", out)) << "what follows the end is ignored";
  ASSERT_TRUE(decoder->finish(out));
  EXPECT_EQ(out.events.size(), 2U) << "Finished comes once";
}

TEST(OpenaiResponsesDecode, GivesTheSameTextOnceHoweverOftenItComes) {
  const std::string done = event("response.output_item.done", "\"output_index\":0,\"item\":" + message("ab", "i"));
  EXPECT_EQ(decoded(text("a") + text("b") + done + completed(message("ab", "i"))).text(), "ab");
  EXPECT_EQ(decoded(done + completed(message("ab", "other"))).text(), "ab");
  EXPECT_EQ(decoded(done + completed()).text(), "ab");
  EXPECT_EQ(decoded(completed(message("ab"))).text(), "ab");
  EXPECT_EQ(decoded(text("a") + done + completed()).text(), "ab") << "the last delta was left out";
  EXPECT_EQ(decoded(text("ab ") + done + completed(message("ab"))).text(), "ab ") << "what is repeated was trimmed";
}

TEST(OpenaiResponsesDecode, KeepsItemsApartThatTheEndListsInAnotherWay) {
  const std::string second = event("response.output_item.added", R"("output_index":1,"item":)" + message("", "b")) +
                             text("second", "\"output_index\":1");
  EXPECT_EQ(decoded(second + completed(message("first", "a") + "," + message("second", "b"))).text(), "secondfirst");
  EXPECT_EQ(decoded(second + completed(message("second", "b"))).text(), "second") << "an item is not listed";
}

TEST(OpenaiResponsesDecode, TakesEventsWithoutAnIndexByTheirIdElseForTheLatestItem) {
  const std::string bytes = text("a", R"("item_id":"x")") + text("b", R"("item_id":"y")") + text("c", R"("n":1)");
  EXPECT_EQ(decoded(bytes + completed(message("a", "x") + "," + message("bc", "y"))).text(), "abc");
}

TEST(OpenaiResponsesDecode, AllocatesNothingForAnIndex) {
  const Outcome outcome =
      decoded(text("a", "\"output_index\":9223372036854775807") + text("b", "\"output_index\":-5") + completed());
  EXPECT_EQ(outcome.text(), "ab");
  EXPECT_TRUE(outcome.finished());
}

TEST(OpenaiResponsesDecode, PassesOverWhatIsOfTheWrongType) {
  for (const char* members :
       {R"("output_index":"0","item_id":7,"delta":{},"logprobs":3)", R"("item":5)", R"("item":{"type":7,"id":[]})",
        R"("item":{"type":"message","content":[1,"x",{"type":"output_text","text":4}]})",
        R"("item":{"type":"reasoning","summary":"x","content":{}})", R"("annotation":null)", R"("response":7)"}) {
    for (const char* type : {"response.output_text.delta", "response.output_item.added", "response.output_item.done",
                             "response.output_text.annotation.added", "response.nonsense"}) {
      const Outcome outcome = decoded(event(type, members) + completed());
      EXPECT_TRUE(outcome.finished()) << type << members;
      EXPECT_EQ(outcome.text(), "");
    }
  }
}

TEST(OpenaiResponsesDecode, PutsACallTogetherWhateverComesFirst) {
  const std::string arguments = event("response.function_call_arguments.delta", R"("output_index":0,"delta":"{\"a\"")");
  const std::string item = R"({"type":"function_call","id":"fc","call_id":"c","name":"f","arguments":"{\"a\":1}"})";
  const Outcome outcome =
      decoded(arguments + event("response.output_item.done", "\"output_index\":0,\"item\":" + item) + completed(item));
  EXPECT_EQ(outcome.all<ToolCallStarted>(), (std::vector<ToolCallStarted>{{"c", "f"}}));
  EXPECT_EQ(outcome.all<ToolCallDelta>(), (std::vector<ToolCallDelta>{{"c", "{\"a\""}, {"c", ":1}"}}));
  EXPECT_EQ(outcome.all<ToolCall>(), (std::vector<ToolCall>{{"c", "f", "{\"a\":1}"}}));
  EXPECT_EQ(outcome.finished()->finish_reason, FinishReason::tool_calls);
}

TEST(OpenaiResponsesDecode, MakesUpAnIdWhereACallHasNone) {
  const Outcome outcome = decoded(R"({"status":"completed","output":[{"type":"function_call","name":"f"},)"
                                  R"({"type":"function_call","name":"g","arguments":{"b":2}}]})");
  EXPECT_EQ(outcome.all<ToolCall>(), (std::vector<ToolCall>{{"call_0", "f", ""}, {"call_1", "g", "{\"b\":2}"}}));
}

TEST(OpenaiResponsesDecode, UnifiesFinishReasons) {
  const auto finished = [](std::string_view members) {
    return decoded("{\"output\":[]" + std::string(members) + "}", Delivery::body).finished().value();
  };
  EXPECT_EQ(finished(R"(,"status":"completed")"), (Finished{FinishReason::stop, "completed", {}}));
  EXPECT_EQ(finished(R"(,"status":"cancelled")"), (Finished{FinishReason::other, "cancelled", {}}));
  EXPECT_EQ(finished(R"(,"status":"incomplete")"), (Finished{FinishReason::other, "incomplete", {}}));
  EXPECT_EQ(finished(R"(,"status":"incomplete","incomplete_details":{"reason":"new"})"),
            (Finished{FinishReason::other, "new", {}}));
  EXPECT_EQ(finished(""), (Finished{FinishReason::other, "", {}}));
}

TEST(OpenaiResponsesDecode, RefusesWhatIsNoAnswer) {
  EXPECT_EQ(decoded("{}").error->kind, ErrorKind::protocol);
  EXPECT_EQ(decoded(R"({"status":"queued","output":[]})").error->kind, ErrorKind::protocol);
  EXPECT_EQ(decoded("[1]").error->kind, ErrorKind::protocol);
  EXPECT_EQ(decoded("data: [1]\n\n").error->kind, ErrorKind::protocol);
  EXPECT_EQ(decoded(text("a") + "data: [DONE]\n\n").error->kind, ErrorKind::protocol);
  EXPECT_EQ(decoded(R"({"detail":"No."})").error->provider_message, "No.");
  EXPECT_EQ(decoded(R"({"status":"failed","error":null})").error->kind, ErrorKind::unavailable);
}

TEST(OpenaiResponsesDecode, ReadsAnEventsNameWhereItsTypeIsMissing) {
  const Outcome outcome = decoded("event: response.output_text.delta\ndata: {\"delta\":\"a\"}\n\n" + completed());
  EXPECT_EQ(outcome.text(), "a");
  EXPECT_TRUE(decoded("event: error\ndata: {\"message\":\"m\"}\n\n").error);
}

TEST(OpenaiResponsesDecode, LeavesUnsaidCountsUnknownAndKeepsThemInAFailure) {
  const Outcome outcome = decoded(
      event("response.failed", R"("response":{"usage":{"input_tokens":5,"output_tokens":-1},"error":{"code":"x"}})"));
  ASSERT_TRUE(outcome.error);
  Usage expected;
  expected.input_tokens = 5;
  EXPECT_EQ(outcome.decoded.usage, expected);
}

}  // namespace
}  // namespace abstractllm::openai_responses
