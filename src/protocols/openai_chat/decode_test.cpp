// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "protocols/openai_chat/decode_testing.hpp"

namespace abstractllm::openai_chat {
namespace {

std::string frame(std::string_view json) { return "data: " + std::string(json) + "\n\n"; }

std::string delta(std::string_view json, std::string_view finish_reason = "null") {
  return frame(R"({"id":"i","model":"m","choices":[{"index":0,"delta":)" + std::string(json) + R"(,"finish_reason":)" +
               std::string(finish_reason) + "}]}");
}

const std::string stop = delta("{}", "\"stop\"");
const std::string done = "data: [DONE]\n\n";

TEST(OpenaiChatDecode, FinishesAtDoneWithoutWaitingForTheEndOfTheBytes) {
  const std::unique_ptr<Decoder> decoder = make_openai_chat_protocol()->decoder(Delivery::stream);
  Decoded out;
  ASSERT_TRUE(decoder->feed(delta(R"({"content":"a"})") + stop, out));
  EXPECT_EQ(out.events.size(), 1U) << "usage may still come";
  ASSERT_TRUE(decoder->feed(done, out));
  EXPECT_EQ(out.events.size(), 2U);
  ASSERT_TRUE(decoder->feed(frame("not JSON"), out)) << "what follows [DONE] is ignored";
  ASSERT_TRUE(decoder->finish(out));
  EXPECT_EQ(out.events.size(), 2U) << "Finished comes once";
}

TEST(OpenaiChatDecode, HandsOutEachChunkAtOnce) {
  const std::unique_ptr<Decoder> decoder = make_openai_chat_protocol()->decoder(Delivery::stream);
  Decoded out;
  for (std::size_t count = 1; count < 5; ++count) {
    ASSERT_TRUE(decoder->feed(delta(R"({"content":"a"})"), out));
    EXPECT_EQ(out.events.size(), count);
  }
}

TEST(OpenaiChatDecode, TakesDoneWithSpacesBehindIt) { EXPECT_TRUE(decode(stop + "data: [DONE]  \n\n").finished()); }

TEST(OpenaiChatDecode, TakesAStreamWhoseLastEventLacksItsBlankLine) {
  EXPECT_TRUE(decode(delta(R"({"content":"a"})") + stop + "data: [DONE]").finished());
  std::string bytes = delta(R"({"content":"a"})") + stop;
  bytes.pop_back();
  EXPECT_TRUE(decode(bytes).finished()) << "one line end in place of two";
  bytes.pop_back();
  EXPECT_TRUE(decode(bytes).finished()) << "no line end at all";
}

TEST(OpenaiChatDecode, KeepsAWholeAnswerWhoseUsageIsCut) {
  const Outcome outcome = decode(delta(R"({"content":"a"})") + stop + R"(data: {"choices":[],"usage":{"prompt_tok)");
  ASSERT_TRUE(outcome.finished());
  EXPECT_EQ(outcome.finished()->usage, Usage());
}

TEST(OpenaiChatDecode, GivesTheSameErrorAgainAfterAnError) {
  const std::unique_ptr<Decoder> decoder = make_openai_chat_protocol()->decoder(Delivery::stream);
  Decoded out;
  const Result<void> first = decoder->feed(frame("{"), out);
  ASSERT_FALSE(first);
  const Result<void> second = decoder->feed(stop + done, out);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message, first.error().message);
  EXPECT_FALSE(decoder->finish(out));
  EXPECT_TRUE(out.events.empty());
}

TEST(OpenaiChatDecode, SaysWhereMalformedJsonIsAndQuotesNothing) {
  const Outcome outcome = decode(stop + frame(R"({"choices":[],"secret":})"));
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->message, "event 2 of the stream is not valid JSON at byte 23");
  EXPECT_EQ(decode("{\"choices\":[}").error->message, "the answer is not valid JSON at byte 12");
}

TEST(OpenaiChatDecode, RefusesJsonThatIsNoObject) {
  for (const char* json : {"[]", "\"text\"", "7", "null", "true"}) {
    const Outcome outcome = decode(frame(json));
    EXPECT_TRUE(outcome.error && outcome.error->kind == ErrorKind::protocol) << json;
  }
}

TEST(OpenaiChatDecode, RefusesInvalidUtf8) {
  const Outcome outcome = decode(delta("{\"content\":\"a\xff\"}") + stop);
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->kind, ErrorKind::protocol);
}

TEST(OpenaiChatDecode, JoinsTheHalvesOfASurrogatePairAndReplacesOneThatIsAlone) {
  EXPECT_EQ(
      decode(delta(R"({"content":"a\ud83d"})") + delta(R"({"content":"\ude00b\\ud83d\ud83d\ude00\ude00"})") + stop)
          .text(),
      "a\U0001F600b\\ud83d\U0001F600\uFFFD");
}

TEST(OpenaiChatDecode, TellsAnEmptyAnswerFromOneThatIsNoStream) {
  EXPECT_EQ(decode("").error->message, "the answer is empty");
  EXPECT_EQ(decode(" \r\n\n").error->message, "the answer is empty");
  EXPECT_EQ(decode("OK\n").error->message, "the answer is neither JSON nor a stream of events");
  EXPECT_EQ(decode(": ping\n\n").error->message, "the answer is neither JSON nor a stream of events");
}

TEST(OpenaiChatDecode, RefusesABodyWithoutAChoice) {
  EXPECT_EQ(decode("{}").error->message, "the answer holds no choice");
  EXPECT_EQ(decode(R"({"choices":[]})").error->message, "the answer holds no choice");
}

TEST(OpenaiChatDecode, TakesABodyWithoutAFinishReasonSinceItsJsonIsWhole) {
  const Outcome outcome = decode(R"({"choices":[{"index":0,"message":{"content":"a"},"finish_reason":null}]})");
  ASSERT_TRUE(outcome.finished());
  EXPECT_EQ(outcome.finished()->finish_reason, FinishReason::other);
  EXPECT_EQ(outcome.finished()->raw_finish_reason, "");
}

TEST(OpenaiChatDecode, UnifiesFinishReasonsAndKeepsTheProvidersWord) {
  const std::pair<const char*, FinishReason> words[] = {
      {"stop", FinishReason::stop},
      {"eos", FinishReason::stop},
      {"length", FinishReason::length},
      {"model_length", FinishReason::length},
      {"tool_calls", FinishReason::tool_calls},
      {"function_call", FinishReason::tool_calls},
      {"content_filter", FinishReason::content_filter},
      {"insufficient_system_resource", FinishReason::other},
  };
  for (const auto& [word, reason] : words) {
    const Outcome outcome = decode(delta(R"({"content":"a"})", "\"" + std::string(word) + "\"") + done);
    ASSERT_TRUE(outcome.finished()) << word;
    EXPECT_EQ(outcome.finished()->finish_reason, reason) << word;
    EXPECT_EQ(outcome.finished()->raw_finish_reason, word);
  }
}

TEST(OpenaiChatDecode, TakesAnEmptyFinishReasonForNone) {
  EXPECT_TRUE(decode(delta(R"({"content":"a"})", "\"\"") + done).error);
  EXPECT_TRUE(decode(delta(R"({"content":"a"})", "\"\"") + stop + done).finished());
}

TEST(OpenaiChatDecode, KeepsTheLastFinishReason) {
  const Outcome outcome = decode(stop + delta("{}", "\"length\"") + delta("{}", "\"\"") + done);
  ASSERT_TRUE(outcome.finished());
  EXPECT_EQ(outcome.finished()->raw_finish_reason, "length");
}

TEST(OpenaiChatDecode, TakesFinishReasonErrorForAnError) {
  const Outcome outcome = decode(delta(R"({"content":"a"})") + delta("{}", "\"error\"") + done);
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->kind, ErrorKind::unavailable);
  EXPECT_EQ(outcome.error->provider_code, "error");
  EXPECT_EQ(outcome.text(), "a");
}

TEST(OpenaiChatDecode, DoesNotTakeAnEmptyErrorMemberForAnError) {
  for (const char* error : {"null", "false", "\"\"", "{}"}) {
    const std::string bytes = frame(R"({"error":)" + std::string(error) +
                                    R"(,"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]})");
    EXPECT_TRUE(decode(bytes).finished()) << error;
  }
}

TEST(OpenaiChatDecode, PassesOverNoticesAndUnknownMembers) {
  const std::string notice =
      frame(R"({"type":"status","message":"Searching"})") + frame(R"({"x_tool":{"a":[1,2,{"b":null}]}})") + frame("{}");
  const Outcome outcome = decode(notice + delta(R"({"content":"a","annotations":[],"audio":null})") + stop + done);
  EXPECT_EQ(outcome.text(), "a");
  EXPECT_TRUE(outcome.finished());
}

TEST(OpenaiChatDecode, TakesAFlatErrorObjectForAnError) {
  for (const char* json : {R"({"object":"error","message":"m","type":"BadRequestError","code":400})",
                           R"({"code":"c","message":"m","type":"t"})", R"({"type":"error","message":"m"})"}) {
    const Outcome outcome = decode(frame(json));
    ASSERT_TRUE(outcome.error) << json;
    EXPECT_EQ(outcome.error->provider_message, "m") << json;
  }
}

TEST(OpenaiChatDecode, SurvivesMembersOfWrongTypes) {
  for (const char* json :
       {R"({"choices":7})", R"({"choices":[7,null,"x",[]]})", R"({"id":7,"model":[],"usage":"x","choices":{}})",
        R"({"choices":[{"index":"x","delta":[],"finish_reason":7}]})",
        R"({"choices":[{"delta":{"content":{"a":1},"reasoning":[],"tool_calls":{},"refusal":5}}]})",
        R"({"choices":[{"delta":{"content":[7,null,[],{"type":"image"}],"tool_calls":[7,null,{}]}}]})",
        R"({"usage":{"prompt_tokens":-1,"completion_tokens":"x","prompt_tokens_details":7}})"}) {
    const Outcome outcome = decode(frame(json) + delta(R"({"content":"a"})") + stop + done);
    ASSERT_TRUE(outcome.finished()) << json;
    EXPECT_EQ(outcome.text(), "a") << json;
    EXPECT_EQ(outcome.finished()->usage, Usage()) << json;
  }
}

TEST(OpenaiChatDecode, RefusesJsonThatIsTooDeepWithoutCrashing) {
  const std::string deep = std::string(100000, '[') + std::string(100000, ']');
  EXPECT_TRUE(decode(frame(R"({"x":)" + deep + "}")).error);
  EXPECT_TRUE(decode(R"({"x":)" + deep + "}").error);
}

TEST(OpenaiChatDecode, TakesTheLastUsageAndNoEmptyOne) {
  const Outcome outcome =
      decode(frame(R"({"choices":[],"usage":{"prompt_tokens":1}})") +
             frame(R"({"choices":[],"usage":{"prompt_tokens":2,"completion_tokens":0}})") +
             frame(R"({"choices":[],"usage":null})") + frame(R"({"choices":[],"usage":{}})") + stop + done);
  ASSERT_TRUE(outcome.finished());
  EXPECT_EQ(outcome.finished()->usage.input_tokens, 2);
  EXPECT_EQ(outcome.finished()->usage.output_tokens, 0) << "zero is not unknown";
  EXPECT_FALSE(outcome.finished()->usage.reasoning_tokens.known());
  EXPECT_EQ(outcome.decoded.usage, outcome.finished()->usage);
}

TEST(OpenaiChatDecode, ReadsUsageThatIsWrittenAsFloatingPoint) {
  EXPECT_EQ(
      decode(frame(R"({"usage":{"prompt_tokens":12.0,"completion_tokens":1e300}})") + stop).decoded.usage.input_tokens,
      12);
}

TEST(OpenaiChatDecode, ReadsReasoningOnceWhereItComesUnderTwoNames) {
  EXPECT_EQ(decode(delta(R"({"reasoning":"a","reasoning_content":"a","reasoning_details":[{"text":"a"}]})") + stop)
                .reasoning(),
            "a");
  EXPECT_EQ(decode(delta(R"({"reasoning":"","reasoning_details":[{"type":"reasoning.summary","summary":"b"}]})") + stop)
                .reasoning(),
            "b");
}

TEST(OpenaiChatDecode, ReadsWhatTheEngineSaysOfItsWork) {
  const std::string timings =
      R"("timings":{"cache_n":3,"prompt_n":4,"prompt_ms":1.5,"predicted_ms":20,"slot":0,"load_ms":0.25,"x":{}})";
  const std::string whole = R"({"choices":[{"message":{"content":"a"},"finish_reason":"stop"}],)" + timings + "}";
  using std::chrono::microseconds;
  const ModelTiming expected{microseconds(250), microseconds(1500), microseconds(20000), 4, 3, 0};
  EXPECT_EQ(decode(whole).decoded.model_timing, expected);
  EXPECT_EQ(decode(stop + frame(R"({"choices":[],)" + timings + "}") + done).decoded.model_timing, expected);
  EXPECT_EQ(decode(stop + frame(R"({"choices":[],"timings":7})") + done).decoded.model_timing, ModelTiming());
  EXPECT_EQ(decode(stop +
                   frame(R"({"choices":[],"timings":{"prompt_ms":-1,"prompt_n":"x","slot":-1,)"
                         R"("predicted_ms":1e300}})") +
                   done)
                .decoded.model_timing,
            ModelTiming());
}

TEST(OpenaiChatDecode, TakesAWholeMessageAsAStreamsOnlyChunk) {
  EXPECT_EQ(
      decode(frame(R"({"choices":[{"index":0,"message":{"content":"a"},"finish_reason":"stop"}]})") + done).text(),
      "a");
}

TEST(OpenaiChatDecode, DoesNotRepeatTheTextWhereTheWholeMessageFollows) {
  EXPECT_EQ(decode(delta(R"({"content":"ab"})") +
                   frame(R"({"choices":[{"message":{"content":"ab"},"finish_reason":"stop"}]})"))
                .text(),
            "ab");
}

TEST(OpenaiChatDecode, TakesABodyAfterAByteOrderMark) {
  EXPECT_TRUE(
      decode("\xEF\xBB\xBF{\"choices\":[{\"message\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\n").finished());
}

}  // namespace
}  // namespace abstractllm::openai_chat
