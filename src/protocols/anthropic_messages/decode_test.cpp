// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/json.hpp"
#include "protocols/anthropic_messages/anthropic_messages.hpp"
#include "protocols/decode_testing.hpp"

namespace abstractllm::anthropic_messages {
namespace {

Outcome decode(std::string_view bytes, Delivery delivery = Delivery::stream) {
  return abstractllm::decode(*make_anthropic_messages_protocol(), bytes, delivery);
}

std::string frame(std::string_view json) { return "data: " + std::string(json) + "\n\n"; }

std::string start(std::string_view usage = R"({"input_tokens":3,"output_tokens":1})") {
  return frame(R"({"type":"message_start","message":{"id":"i","model":"m","content":[],"usage":)" + std::string(usage) +
               "}}");
}

std::string block(std::string_view content, int index = 0) {
  return frame(R"({"type":"content_block_start","index":)" + std::to_string(index) + R"(,"content_block":)" +
               std::string(content) + "}");
}

std::string delta(std::string_view json, int index = 0) {
  return frame(R"({"type":"content_block_delta","index":)" + std::to_string(index) + R"(,"delta":)" +
               std::string(json) + "}");
}

std::string text(std::string_view json) { return delta(R"({"type":"text_delta","text":)" + std::string(json) + "}"); }

std::string arguments(std::string_view json, int index = 0) {
  return delta(R"({"type":"input_json_delta","partial_json":)" + std::string(json) + "}", index);
}

std::string block_stop(int index = 0) {
  return frame(R"({"type":"content_block_stop","index":)" + std::to_string(index) + "}");
}

std::string message_delta(std::string_view reason, std::string_view usage = "null") {
  return frame(R"({"type":"message_delta","delta":{"stop_reason":")" + std::string(reason) + R"("},"usage":)" +
               std::string(usage) + "}");
}

const std::string message_stop = frame(R"({"type":"message_stop"})");
const std::string end = message_delta("end_turn") + message_stop;

TEST(AnthropicMessagesDecode, FinishesAtMessageStopOnceAndIgnoresWhatFollows) {
  const std::unique_ptr<Decoder> decoder = make_anthropic_messages_protocol()->decoder(Delivery::stream);
  Decoded out;
  ASSERT_TRUE(decoder->feed(start() + text("\"a\"") + message_delta("end_turn"), out));
  EXPECT_EQ(out.events.size(), 1U);
  ASSERT_TRUE(decoder->feed(message_stop, out));
  EXPECT_EQ(out.events.size(), 2U);
  ASSERT_TRUE(decoder->feed("event: data\ndata: [DONE]\n\n" + frame("no JSON"), out));
  ASSERT_TRUE(decoder->finish(out));
  EXPECT_EQ(out.events.size(), 2U);
}

TEST(AnthropicMessagesDecode, HandsOutEachDeltaAtOnce) {
  const std::unique_ptr<Decoder> decoder = make_anthropic_messages_protocol()->decoder(Delivery::stream);
  Decoded out;
  for (std::size_t count = 1; count < 5; ++count) {
    ASSERT_TRUE(decoder->feed(text("\"a\""), out));
    EXPECT_EQ(out.events.size(), count);
  }
}

TEST(AnthropicMessagesDecode, TakesAStopReasonOrMessageStopForTheEnd) {
  EXPECT_TRUE(decode(start() + text("\"a\"") + message_delta("end_turn")).finished());
  EXPECT_TRUE(decode(start() + text("\"a\"") + message_delta("end_turn") + "data: [DONE]\n\n").finished());
  for (const std::string& bytes : {start() + text("\"a\""), start() + text("\"a\"") + "data: [DONE]\n\n"}) {
    const Outcome outcome = decode(bytes);
    ASSERT_TRUE(outcome.error);
    EXPECT_EQ(outcome.error->kind, ErrorKind::protocol);
    EXPECT_EQ(outcome.text(), "a");
  }
  std::string bytes = start() + text("\"a\"") + end;
  bytes.resize(bytes.size() - 2);
  EXPECT_TRUE(decode(bytes).finished()) << "no line end after the last event";
}

TEST(AnthropicMessagesDecode, TakesAMessageWithoutAStopReasonAsOther) {
  const Outcome outcome = decode(start() + text("\"a\"") + message_stop);
  ASSERT_TRUE(outcome.finished());
  EXPECT_EQ(outcome.finished()->finish_reason, FinishReason::other);
  EXPECT_EQ(outcome.finished()->raw_finish_reason, "");
}

TEST(AnthropicMessagesDecode, UnifiesTheStopReasons) {
  const auto reason = [](std::string_view raw) {
    return decode(start() + message_delta(raw) + message_stop).finished().value().finish_reason;
  };
  EXPECT_EQ(reason("end_turn"), FinishReason::stop);
  EXPECT_EQ(reason("stop_sequence"), FinishReason::stop);
  EXPECT_EQ(reason("max_tokens"), FinishReason::length);
  EXPECT_EQ(reason("model_context_window_exceeded"), FinishReason::length);
  EXPECT_EQ(reason("tool_use"), FinishReason::tool_calls);
  EXPECT_EQ(reason("refusal"), FinishReason::content_filter);
  EXPECT_EQ(reason("pause_turn"), FinishReason::other);
  EXPECT_EQ(reason("compaction"), FinishReason::other);
}

TEST(AnthropicMessagesDecode, TakesTheTypeFromTheEventNameWhereTheDataHasNone) {
  EXPECT_TRUE(decode(start() + "event: message_stop\ndata: {}\n\n").finished());
}

TEST(AnthropicMessagesDecode, OverwritesOnlyTheCountsThatTheDeltaHas) {
  const Outcome outcome = decode(
      start(R"({"input_tokens":5,"output_tokens":1,"cache_read_input_tokens":10,"cache_creation_input_tokens":null})") +
      message_delta("end_turn", R"({"input_tokens":null,"output_tokens":7})") +
      message_delta("end_turn", R"({"output_tokens":9,"output_tokens_details":{"thinking_tokens":0}})") + message_stop);
  ASSERT_TRUE(outcome.finished());
  const Usage usage = outcome.finished()->usage;
  EXPECT_EQ(usage.input_tokens, 15);
  EXPECT_EQ(usage.output_tokens, 9);
  EXPECT_EQ(usage.cached_input_tokens, 10);
  EXPECT_FALSE(usage.cache_write_tokens.known());
  EXPECT_EQ(usage.reasoning_tokens, 0) << "zero is not unknown";
  EXPECT_EQ(outcome.decoded.usage, usage);
}

TEST(AnthropicMessagesDecode, LeavesCountsUnknownThatAreNoCounts) {
  const Outcome outcome =
      decode(start(R"({"input_tokens":-1,"output_tokens":"5","cache_read_input_tokens":9223372036854775807})") + end);
  EXPECT_EQ(outcome.finished().value().usage, Usage());
  EXPECT_FALSE(decode(start(R"({"cache_read_input_tokens":4})") + end).decoded.usage.input_tokens.known());
  EXPECT_EQ(decode(start("[]") + end).finished().value().usage, Usage());
}

TEST(AnthropicMessagesDecode, KeepsUsageThatCameBeforeACut) {
  EXPECT_EQ(decode(start()).decoded.usage.input_tokens, 3);
}

TEST(AnthropicMessagesDecode, TakesArgumentsThatComeWithTheStart) {
  const std::string tool = R"({"type":"tool_use","id":"t","name":"f","input":{"a":[1, 2]}})";
  const Outcome outcome = decode(start() + block(tool) + block_stop() + end);
  EXPECT_EQ(outcome.all<ToolCall>(), (std::vector<ToolCall>{{"t", "f", R"({"a":[1,2]})"}}));
  const Outcome both = decode(start() + block(tool) + arguments(R"("{\"b\":1}")") + block_stop() + end);
  EXPECT_EQ(both.all<ToolCall>(), (std::vector<ToolCall>{{"t", "f", R"({"b":1})"}})) << "deltas say it better";
}

TEST(AnthropicMessagesDecode, TellsNoArgumentsFromArgumentsThatWereCut) {
  const std::string tool = block(R"({"type":"tool_use","id":"t","name":"f","input":{}})");
  const auto call = [](std::string_view bytes) { return decode(bytes).all<ToolCall>().at(0).arguments_json; };
  EXPECT_EQ(call(start() + tool + block_stop() + end), "{}");
  EXPECT_EQ(call(start() + tool + message_delta("tool_use") + message_stop), "{}");
  EXPECT_EQ(call(start() + tool + message_delta("max_tokens") + message_stop), "");
}

TEST(AnthropicMessagesDecode, KeepsArgumentsAsWrittenEvenIfTheyAreNoJson) {
  const Outcome outcome = decode(start() + block(R"({"type":"tool_use","id":"t","name":"f","input":{}})") +
                                 arguments(R"("{\"a\": 1,")") + arguments(R"("oops")") + block_stop() + end);
  EXPECT_EQ(outcome.all<ToolCall>().at(0).arguments_json, R"({"a": 1,oops)");
}

TEST(AnthropicMessagesDecode, KeepsBlocksApartByIndex) {
  const Outcome outcome =
      decode(start() + block(R"({"type":"tool_use","id":"x","name":"f"})", 7) +
             block(R"({"type":"tool_use","id":"y","name":"g"})", -2) + arguments("\"[1\"", 7) +
             arguments("\"[2\"", -2) + arguments("\"]\"", 7) + arguments("\"]\"", -2) +
             arguments("\"lost\"", 2147483647) + block_stop(7) + block_stop(-2) + block_stop(99) + end);
  EXPECT_EQ(outcome.all<ToolCall>(), (std::vector<ToolCall>{{"x", "f", "[1]"}, {"y", "g", "[2]"}}));
}

TEST(AnthropicMessagesDecode, ClosesABlockWhoseIndexComesAgain) {
  const Outcome outcome = decode(start() + block(R"({"type":"tool_use","id":"x","name":"f"})") + arguments("\"[1]\"") +
                                 block(R"({"type":"tool_use","id":"y","name":"g"})") + arguments("\"[2]\"") + end);
  EXPECT_EQ(outcome.all<ToolCall>(), (std::vector<ToolCall>{{"x", "f", "[1]"}, {"y", "g", "[2]"}}));
}

TEST(AnthropicMessagesDecode, MakesUpAnIdWhereThereIsNone) {
  const std::string tool = R"({"type":"tool_use","name":"f","input":{}})";
  const Outcome outcome = decode(start() + block(tool) + block_stop() + block(tool, 1) + block_stop(1) + end);
  EXPECT_EQ(outcome.all<ToolCall>(), (std::vector<ToolCall>{{"call_0", "f", "{}"}, {"call_1", "f", "{}"}}));
}

TEST(AnthropicMessagesDecode, TakesDeltasOfABlockWhoseStartIsMissing) {
  EXPECT_EQ(decode(text("\"a\"") + start() +
                   frame(R"({"type":"content_block_delta","delta":{"type":"text_delta","text":"b"}})") + end)
                .text(),
            "ab");
}

TEST(AnthropicMessagesDecode, PassesOverWhatHasTheWrongType) {
  const Outcome outcome = decode(
      start() + frame(R"({"type":"content_block_start","index":"x","content_block":7})") + block(R"({"type":9})", 1) +
      delta("[]", 2) + delta(R"({"type":"text_delta","text":5})", 2) +
      frame(R"({"type":"message_start","message":[]})") + frame(R"({"type":"message_delta","delta":"x","usage":3})") +
      frame(R"({"type":"content_block_stop","index":{}})") + frame(R"({"type":3})") + frame("{}") +
      block(R"({"type":"text","text":"a"})") + end);
  ASSERT_TRUE(outcome.finished());
  EXPECT_EQ(outcome.text(), "a");
}

TEST(AnthropicMessagesDecode, ReadsErrorsOfEachShape) {
  const auto kind = [](std::string_view bytes) { return decode(bytes).error.value().kind; };
  EXPECT_EQ(kind(start() + frame(R"({"type":"error","error":{"type":"overloaded_error","message":"m"}})")),
            ErrorKind::unavailable);
  EXPECT_EQ(kind(start() + frame(R"({"error":{"type":"invalid_request_error","message":"m"}})")),
            ErrorKind::invalid_argument);
  EXPECT_EQ(kind(start() + frame(R"({"code":429,"message":"m","type":"x"})")), ErrorKind::rate_limited);
  EXPECT_EQ(
      kind(start() + "event: error\ndata: {\"code\":400,\"message\":\"m\",\"type\":\"exceed_context_size_error\"}\n\n"),
      ErrorKind::context_length);
  EXPECT_EQ(kind(start() + "event: error\ndata: {}\n\n"), ErrorKind::unavailable);
  EXPECT_EQ(kind(R"({"error":"no such model"})"), ErrorKind::unavailable);
  EXPECT_EQ(kind(R"({"detail":"no"})"), ErrorKind::unavailable);
  EXPECT_EQ(kind(start() + frame("[1]")), ErrorKind::protocol);
}

TEST(AnthropicMessagesDecode, TakesNoBodyWithoutContentForAnAnswer) {
  EXPECT_EQ(decode(R"({"choices":[]})", Delivery::body).error.value().kind, ErrorKind::protocol);
  EXPECT_TRUE(decode(R"({"type":"message","stop_reason":"end_turn"})", Delivery::body).finished());
}

TEST(AnthropicMessagesDecode, TakesAWholeMessageAsAStreamsOnlyEvent) {
  const std::string message =
      R"({"id":"i","type":"message","model":"m","content":[{"type":"text","text":"a"}],"stop_reason":"end_turn"})";
  EXPECT_TRUE(decode(frame(message)) == decode(message, Delivery::body));
  EXPECT_EQ(decode(frame(message)).text(), "a");
}

TEST(AnthropicMessagesDecode, DecodesAnErrorAnswer) {
  HttpHead head;
  head.status = 529;
  head.headers.emplace_back("request-id", "req_1");
  const Error error = make_anthropic_messages_protocol()->decode_error(
      head, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_1"})");
  EXPECT_EQ(error.kind, ErrorKind::unavailable);
  EXPECT_EQ(error.provider_code, "overloaded_error");
  EXPECT_EQ(error.request_id, "req_1");
}

std::string thought(std::string_view json, int index) {
  return delta(R"({"type":"thinking_delta","thinking":)" + std::string(json) + "}", index);
}

std::string signature(std::string_view json, int index) {
  return delta(R"({"type":"signature_delta","signature":)" + std::string(json) + "}", index);
}

constexpr std::string_view thinking_block = R"({"type":"thinking","thinking":""})";

/// Reasoning as "text(signature)", one after the other; text as "t".
std::string shape_of(const Outcome& outcome) {
  std::string shape;
  for (const StreamEvent& event : outcome.decoded.events) {
    if (const auto* reasoning = std::get_if<ReasoningDelta>(&event)) shape += reasoning->text;
    if (std::holds_alternative<TextDelta>(event)) shape += "t";
    const auto* ended = std::get_if<PartEnded>(&event);
    if (ended == nullptr || ended->kind != PartKind::reasoning) continue;
    const std::string& json = ended->provider_json;
    shape += "(" + (json.empty() ? "" : Json::parse(json).at("signature").get<std::string>()) + ")";
  }
  return shape;
}

TEST(AnthropicMessagesDecode, GivesASignatureToTheThinkingThatItSigns) {
  // Without a stop, between two blocks of thinking and before a text.
  EXPECT_EQ(shape_of(decode(start() + block(thinking_block) + thought("\"A\"", 0) + signature("\"SA\"", 0) +
                            block(thinking_block, 1) + thought("\"B\"", 1) + signature("\"SB\"", 1) +
                            block(R"({"type":"text","text":""})", 2) + text("\"x\"") + end)),
            "A(SA)B(SB)t");
  // Interleaved: what comes for an ended block is unsigned.
  EXPECT_EQ(shape_of(decode(start() + block(thinking_block) + block(thinking_block, 1) + thought("\"A\"", 0) +
                            thought("\"B\"", 1) + signature("\"SA\"", 0) + signature("\"SB\"", 1) + block_stop(0) +
                            block_stop(1) + end)),
            "()()AB");
}

TEST(AnthropicMessagesDecode, KeepsAnInputThatIsNoObject) {
  const auto call_of = [](std::string_view input) {
    const Outcome outcome = decode(R"({"type":"message","content":[{"type":"tool_use","id":"i","name":"f","input":)" +
                                       std::string(input) + R"(}],"stop_reason":"tool_use"})",
                                   Delivery::body);
    return outcome.all<ToolCall>().at(0).arguments_json;
  };
  EXPECT_EQ(call_of(R"("{\"a\":1}")"), R"({"a":1})");
  EXPECT_EQ(call_of("[1]"), "[1]");
  EXPECT_EQ(call_of("null"), "{}");
  EXPECT_EQ(call_of("{}"), "{}");
}

}  // namespace
}  // namespace abstractllm::anthropic_messages
