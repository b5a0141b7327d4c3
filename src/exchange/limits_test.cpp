// SPDX-License-Identifier: Apache-2.0
//
// These tests check which limit ends a call, and which bytes extend it.
#include <gtest/gtest.h>

#include "abstractllm/registry.hpp"
#include "exchange/exchange.hpp"
#include "support/chat_exchange.hpp"
#include "support/scripted_transport.hpp"

namespace abstractllm {
namespace {

using namespace std::chrono_literals;
using Kind = Action::Kind;

const TimePoint start{1h};

/// Returns one event of a Chat stream: a delta's members, and a finish reason unless it is empty.
std::string frame(const std::string& delta, const std::string& finish_reason = "") {
  return R"(data: {"choices":[{"index":0,"delta":{)" + delta + "}" +
         (finish_reason.empty() ? "" : R"(,"finish_reason":")" + finish_reason + "\"") + "}]}\n\n";
}
const std::string text = frame(R"("content":"a")");
const std::string finish = frame("", "stop");

class LimitsTest : public ::testing::Test {
 protected:
  LimitsTest() {
    policy.connect_timeout = 10s;
    policy.first_event_timeout = 600s;
    policy.idle_timeout = 120s;
    policy.max_retries = 0;
  }
  /// Returns an exchange whose head arrived at the start.
  test::ChatExchange reading(Delivery delivery = Delivery::stream, int status = 200) {
    test::ChatExchange x(policy, delivery);
    (void)x.resume(Proceed{}, start);
    (void)x.resume(Proceed{}, start);
    (void)x.resume(HttpHead{status, {}}, start);
    return x;
  }
  /// Feeds `bytes` once a second as long as the exchange reads, but no longer than the limit. Returns the time of its
  /// end.
  std::chrono::seconds feed_until_done(test::ChatExchange& x, std::string_view bytes, std::chrono::seconds at_most) {
    for (std::chrono::seconds at = 1s; at <= at_most; at += 1s)
      if (x.resume(BodyBytes{bytes}, start + at).kind == Kind::done) return at;
    return -1s;
  }
  Policy policy;
};

TEST_F(LimitsTest, BeforeTheFirstTextOnlyTheLimitForItApplies) {
  test::ChatExchange x = reading();
  EXPECT_EQ(x.resume(BodyBytes{frame(R"("role":"assistant")")}, start + 1s).deadline, start + 600s);
  EXPECT_EQ(x.resume(BodyBytes{": waiting\n\n"}, start + 300s).deadline, start + 600s);
  EXPECT_EQ(x.resume(BodyBytes{text}, start + 599s).deadline, start + 719s) << "from now on silence counts";
}

TEST_F(LimitsTest, ReasoningAndToolCallsCountAsTheFirstText) {
  for (const char* delta :
       {R"("reasoning_content":"hm")", R"("tool_calls":[{"index":0,"id":"1","function":{"name":"f"}}])"}) {
    test::ChatExchange x = reading();
    EXPECT_EQ(x.resume(BodyBytes{frame(delta)}, start + 1s).deadline, start + 121s) << delta;
  }
}

TEST_F(LimitsTest, NothingButContentPutsOffTheLimitForTheFirstEvent) {
  policy.first_event_timeout = 3s;
  for (const std::string& bytes : {std::string("\n"), std::string(": waiting\n\n"), frame(R"("role":"assistant")")}) {
    test::ChatExchange x = reading();
    // The bytes arrive a second after the limit. They are read, and then the time is up.
    EXPECT_EQ(x.resume(BodyBytes{bytes}, start + 4s).deadline, start + 3s);
    EXPECT_TRUE(x.is_late());
    EXPECT_EQ(x.resume(DeadlinePassed{}, start + 4s).kind, Kind::done);
    EXPECT_EQ(x.error()->message, "no text, reasoning or tool call within 3 s (first_event_timeout)");
  }
}

TEST_F(LimitsTest, AWarningIsNoFirstEvent) {
  test::ChatExchange x = reading();
  const Action action = x.resume(BodyBytes{R"(data: {"choices":[{"index":0,"delta":{"role":"assistant"}}]})"
                                           "\n\n"
                                           R"(data: {"choices":[{"index":1,"delta":{"content":"b"}}]})"
                                           "\n\n"},
                                 start + 1s);
  ASSERT_EQ(x.decoded().events.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<Warning>(x.decoded().events.front()));
  EXPECT_EQ(action.deadline, start + 600s);
}

TEST_F(LimitsTest, BytesThatKeepComingDoNotOutliveTheCallsTime) {
  policy.total_timeout = 2s;
  test::ChatExchange x = reading();
  const std::string flood = ":" + std::string(1 << 20, '.') + "\n";
  const std::chrono::seconds ended = feed_until_done(x, flood, 100s);
  EXPECT_LE(ended, 10s) << "8 MiB after the end of its time at most";
  EXPECT_GT(ended, 2s);
  EXPECT_EQ(x.error()->message, "the call took longer than 2 s (timeout)");
}

TEST_F(LimitsTest, SingleBytesThatKeepComingEndTheCallToo) {
  policy.first_event_timeout = 2s;
  test::ChatExchange x = reading();
  EXPECT_GT(feed_until_done(x, "\n", 20'000s), 2s);
  ASSERT_TRUE(x.error());
  EXPECT_EQ(x.error()->kind, ErrorKind::timeout);
}

TEST_F(LimitsTest, WhatCameBeforeTheEndOfTheTimeIsDeliveredAfterIt) {
  policy.total_timeout = 10s;
  test::ChatExchange x = reading();
  (void)x.resume(BodyBytes{text}, start + 1s);
  x.decoded().events.clear();
  // The caller comes back after a minute. The socket holds the rest.
  EXPECT_EQ(x.resume(Proceed{}, start + 60s).kind, Kind::read);
  EXPECT_TRUE(x.is_late());
  EXPECT_EQ(x.resume(BodyBytes{text}, start + 60s).kind, Kind::read);
  EXPECT_EQ(x.resume(BodyBytes{finish + "data: [DONE]\n\n"}, start + 60s).kind, Kind::done);
  EXPECT_FALSE(x.is_late());
  EXPECT_FALSE(x.error());
  EXPECT_EQ(x.decoded().events.size(), 2U);
}

TEST_F(LimitsTest, TimeThatTheCallerTakesIsNoSilence) {
  test::ChatExchange x = reading();
  (void)x.resume(BodyBytes{text}, start + 1s);
  EXPECT_EQ(x.resume(Proceed{}, start + 1000s).deadline, start + 1120s);
  EXPECT_FALSE(x.is_late());
}

TEST_F(LimitsTest, SilenceWithinAWholeBodyCountsFromItsFirstByte) {
  test::ChatExchange x = reading(Delivery::body);
  EXPECT_EQ(x.resume(BodyBytes{" \n"}, start + 100s).deadline, start + 600s) << "blanks keep the connection alive";
  EXPECT_EQ(x.resume(BodyBytes{"{"}, start + 200s).deadline, start + 320s);
  EXPECT_EQ(x.resume(BodyBytes{"\"choices\""}, start + 210s).deadline, start + 330s);
}

TEST_F(LimitsTest, AStreamInPlaceOfABodyHasTheLimitsOfAStream) {
  test::ChatExchange x = reading(Delivery::body);
  EXPECT_EQ(x.resume(BodyBytes{frame(R"("role":"assistant")")}, start + 1s).deadline, start + 600s);
}

TEST_F(LimitsTest, AWholeBodyWhoseEndIsNotSaidIsNoSilence) {
  test::ChatExchange x = reading(Delivery::body);
  (void)x.resume(BodyBytes{test::chat_body("all of it")}, start + 1s);
  EXPECT_EQ(x.resume(DeadlinePassed{}, start + 121s).kind, Kind::done);
  EXPECT_FALSE(x.error());
  EXPECT_EQ(std::get<TextDelta>(x.decoded().events.front()).text, "all of it");
}

TEST_F(LimitsTest, TwoSecondsAfterAFinishReasonTheAnswerIsComplete) {
  test::ChatExchange x = reading();
  (void)x.resume(BodyBytes{text}, start + 1s);
  EXPECT_EQ(x.resume(BodyBytes{finish}, start + 5s).deadline, start + 7s);
  EXPECT_EQ(x.resume(BodyBytes{": keepalive\n\n"}, start + 6s).deadline, start + 7s) << "nothing puts it off";
  EXPECT_EQ(x.resume(DeadlinePassed{}, start + 7s).kind, Kind::done);
  EXPECT_FALSE(x.error());
  EXPECT_EQ(std::get<Finished>(x.decoded().events.back()).finish_reason, FinishReason::stop);
}

TEST_F(LimitsTest, UsageAfterAFinishReasonIsTakenThough) {
  test::ChatExchange x = reading();
  (void)x.resume(BodyBytes{text + finish}, start + 1s);
  (void)x.resume(BodyBytes{"data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":1}}\n\n"},
                 start + 2s);
  (void)x.resume(DeadlinePassed{}, start + 3s);
  EXPECT_EQ(std::get<Finished>(x.decoded().events.back()).usage.input_tokens, 7);
}

TEST_F(LimitsTest, AFinishReasonWithEachPieceIsNoEnd) {
  test::ChatExchange x = reading();
  const std::string both = frame(R"("content":"a")", "stop");
  (void)x.resume(BodyBytes{both}, start + 1s);
  EXPECT_EQ(x.resume(BodyBytes{both}, start + 2s).deadline, start + 122s);
  (void)x.resume(DeadlinePassed{}, start + 122s);
  EXPECT_FALSE(x.error()) << "silence after a finish reason ends it all the same";
  EXPECT_EQ(x.decoded().events.size(), 3U);
}

TEST_F(LimitsTest, TheEndOfTheCallsTimeAfterAFinishReasonLosesNothing) {
  policy.total_timeout = 3s;
  test::ChatExchange x = reading();
  (void)x.resume(BodyBytes{text + finish}, start + 2s);
  (void)x.resume(DeadlinePassed{}, start + 3s);
  EXPECT_FALSE(x.error());
  EXPECT_EQ(x.decoded().events.size(), 2U);
}

TEST_F(LimitsTest, AnAnswerThatIsTooLargeKeepsWhatCame) {
  policy.max_response_bytes = static_cast<std::int64_t>(2 * text.size());
  for (const std::size_t piece : {std::size_t{1}, text.size(), 3 * text.size()}) {
    test::ChatExchange x = reading();
    const std::string bytes = text + text + text;
    for (std::size_t at = 0; at < bytes.size(); at += piece)
      (void)x.resume(BodyBytes{std::string_view(bytes).substr(at, piece)}, start + 1s);
    ASSERT_TRUE(x.error()) << piece;
    EXPECT_EQ(x.error()->kind, ErrorKind::protocol);
    EXPECT_EQ(x.error()->message, "the answer is larger than " + std::to_string(policy.max_response_bytes) +
                                      " bytes: raise max_response_bytes if it may be");
    EXPECT_EQ(x.decoded().events.size(), 2U) << piece;
  }
}

TEST_F(LimitsTest, AnAnswerOfExactlyTheLargestSizeIsWhole) {
  const std::string bytes = test::chat_stream({"a"});
  policy.max_response_bytes = static_cast<std::int64_t>(bytes.size());
  test::ChatExchange x = reading();
  (void)x.resume(BodyBytes{bytes}, start);
  EXPECT_FALSE(x.error());
}

TEST_F(LimitsTest, AnErrorIsKnownByItsStatusThoughItsBodyNeverEnds) {
  test::ChatExchange silent = reading(Delivery::stream, 401);
  EXPECT_EQ(silent.resume(DeadlinePassed{}, start + 120s).kind, Kind::done);
  EXPECT_EQ(silent.error()->kind, ErrorKind::authentication);
  test::ChatExchange flooded = reading(Delivery::stream, 401);
  EXPECT_LE(feed_until_done(flooded, std::string(1024, ' '), 1000s), 64s) << "64 KiB say enough";
  ASSERT_TRUE(flooded.error());
  EXPECT_EQ(flooded.error()->kind, ErrorKind::authentication);
}

TEST_F(LimitsTest, ABodyWithoutAHeadIsAnError) {
  test::ChatExchange x(policy);
  (void)x.resume(Proceed{}, start);
  (void)x.resume(BodyBytes{text}, start);
  ASSERT_TRUE(x.error());
  EXPECT_EQ(x.error()->kind, ErrorKind::protocol);
}

/// A decoder that accepts any bytes as a whole answer.
class AnyBytes final : public Decoder {
 public:
  Result<void> feed(std::string_view, Decoded&) override { return {}; }
  Result<void> finish(Decoded& out) override {
    out.events.emplace_back(Finished{});
    return {};
  }
  bool knows_its_end() const override { return false; }
};
class AnyBytesProtocol final : public Protocol {
 public:
  std::string_view name() const override { return "any"; }
  Result<EncodedRequest> encode(const Request&) const override { return EncodedRequest(); }
  std::unique_ptr<Decoder> decoder(Delivery) const override { return std::make_unique<AnyBytes>(); }
  Error decode_error(const HttpHead&, std::string_view) const override { return {ErrorKind::protocol, ""}; }
};

TEST_F(LimitsTest, HalfABodyThatNobodyCanTellFromAWholeIsAFailure) {
  policy.max_retries = 1;
  Exchange x(std::make_shared<ChatInquiry>(std::make_shared<AnyBytesProtocol>(), Delivery::body, false,
                                           std::make_shared<const HttpRequest>(), nullptr),
             policy, test::half);
  (void)x.resume(Proceed{}, start);
  (void)x.resume(HttpHead{200, {}}, start);
  (void)x.resume(BodyBytes{"{\"data\":["}, start);
  EXPECT_EQ(x.resume(Error(ErrorKind::network, "reset"), start).kind, Kind::sleep) << "another attempt may help";
}

}  // namespace
}  // namespace abstractllm
