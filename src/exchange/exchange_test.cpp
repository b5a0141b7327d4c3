// SPDX-License-Identifier: Apache-2.0
#include "exchange/exchange.hpp"

#include <gtest/gtest.h>

#include "abstractllm/registry.hpp"
#include "support/chat_exchange.hpp"
#include "support/scripted_transport.hpp"

namespace abstractllm {
namespace {

using namespace std::chrono_literals;
using Kind = Action::Kind;

const TimePoint start{1h};

class ExchangeTest : public ::testing::Test {
 protected:
  test::ChatExchange exchange(Delivery delivery = Delivery::stream) { return test::ChatExchange(policy, delivery); }
  Policy policy;
};

HttpHead head(int status, std::vector<HttpHeader> headers = {}) { return {status, std::move(headers)}; }

/// Returns one event with text.
std::string first_frame() {
  const std::string bytes = test::chat_stream({"a"});
  return bytes.substr(0, bytes.find("\n\n") + 2);
}

TEST_F(ExchangeTest, AsksForOneRequestAndReadsItToItsEnd) {
  test::ChatExchange x = exchange();
  EXPECT_EQ(x.resume(Proceed{}, start).kind, Kind::open);
  EXPECT_EQ(x.resume(head(200), start).kind, Kind::read);
  EXPECT_EQ(x.resume(BodyBytes{test::chat_stream({"a", "b"})}, start).kind, Kind::done);
  EXPECT_FALSE(x.error());
  EXPECT_EQ(x.decoded().events.size(), 3u);
  EXPECT_EQ(x.attempts(), 1);
}

TEST_F(ExchangeTest, GivesAWarningOfTheTransportOnceAndStillRepeatsTheRequest) {
  policy.max_retries = 1;
  test::ChatExchange x = exchange();
  (void)x.resume(Proceed{}, start);
  const Warning warning{"image_dropped", "1 image"};
  EXPECT_EQ(x.resume(warning, start).kind, Kind::read);
  ASSERT_EQ(x.decoded().events.size(), 1u);
  EXPECT_EQ(std::get<Warning>(x.decoded().events.front()), warning);
  x.decoded().events.clear();
  EXPECT_EQ(x.resume(Error(ErrorKind::network, "reset"), start).kind, Kind::sleep);
  EXPECT_EQ(x.resume(DeadlinePassed{}, start).kind, Kind::open);
  (void)x.resume(warning, start);
  EXPECT_TRUE(x.decoded().events.empty());
}

TEST_F(ExchangeTest, AWarningOfTheTransportIsAnErrorUnderStrict) {
  policy.strict = true;
  policy.max_retries = 1;
  test::ChatExchange x = exchange();
  (void)x.resume(Proceed{}, start);
  EXPECT_EQ(x.resume(Warning{"no_chat_template", "why"}, start).kind, Kind::done);
  ASSERT_TRUE(x.error());
  EXPECT_EQ(x.error()->kind, ErrorKind::unsupported);
  EXPECT_EQ(x.error()->message, "why (strict)");
}

TEST_F(ExchangeTest, StaysDone) {
  test::ChatExchange x = exchange();
  (void)x.resume(Proceed{}, start);
  (void)x.resume(StopRequested{}, start);
  EXPECT_EQ(x.resume(head(200), start).kind, Kind::done);
  EXPECT_EQ(x.error()->kind, ErrorKind::cancelled);
}

TEST_F(ExchangeTest, RetriesWithFullJitterAndDoubledWaits) {
  policy.max_retries = 2;
  test::ChatExchange x = exchange();
  (void)x.resume(Proceed{}, start);
  Action action = x.resume(Error(ErrorKind::network, "reset"), start);
  EXPECT_EQ(action.kind, Kind::sleep);
  EXPECT_EQ(action.deadline - start, 250ms);  // half of 500
  EXPECT_EQ(x.resume(DeadlinePassed{}, start).kind, Kind::open);
  action = x.resume(Error(ErrorKind::network, "reset"), start);
  EXPECT_EQ(action.deadline - start, 500ms);
  (void)x.resume(DeadlinePassed{}, start);
  EXPECT_EQ(x.resume(Error(ErrorKind::network, "reset"), start).kind, Kind::done);
  EXPECT_EQ(x.error()->attempts, 3);
}

TEST_F(ExchangeTest, WaitsAsLongAsTheServerAsksUpToTheLimit) {
  for (const auto& [asked, expected] : {std::pair{"2", Kind::sleep}, std::pair{"61", Kind::done}}) {
    test::ChatExchange x = exchange();
    (void)x.resume(Proceed{}, start);
    (void)x.resume(head(429, {{"Retry-After", asked}}), start);
    const Action action = x.resume(BodyEnd{}, start);
    EXPECT_EQ(action.kind, expected) << asked;
    if (expected == Kind::sleep) EXPECT_EQ(action.deadline - start, 2s);
    else EXPECT_EQ(x.error()->retry_after, 61s);
  }
}

TEST_F(ExchangeTest, NeverRetriesAfterTheFirstEvent) {
  test::ChatExchange x = exchange();
  (void)x.resume(Proceed{}, start);
  (void)x.resume(head(200), start);
  const std::string bytes = test::chat_stream({"a", "b"});
  (void)x.resume(BodyBytes{std::string_view(bytes).substr(0, bytes.find("\n\n") + 2)}, start);
  ASSERT_EQ(x.decoded().events.size(), 1u);
  EXPECT_EQ(x.resume(Error(ErrorKind::network, "reset"), start).kind, Kind::done);
  EXPECT_EQ(x.error()->kind, ErrorKind::network);
}

TEST_F(ExchangeTest, DoesNotRetryWhatCannotGetBetter) {
  for (int status : {400, 401, 403, 404, 422}) {
    test::ChatExchange x = exchange();
    (void)x.resume(Proceed{}, start);
    (void)x.resume(head(status), start);
    EXPECT_EQ(x.resume(BodyEnd{}, start).kind, Kind::done) << status;
    EXPECT_EQ(x.error()->http_status, status);
  }
}

TEST_F(ExchangeTest, DoesNotRetryWhereTheServerSaysThatItIsInVain) {
  for (const auto& [word, expected] : {std::pair{"false", Kind::done}, std::pair{"true", Kind::sleep}}) {
    test::ChatExchange x = exchange();
    (void)x.resume(Proceed{}, start);
    (void)x.resume(head(500, {{"X-Should-Retry", word}}), start);
    EXPECT_EQ(x.resume(BodyEnd{}, start).kind, expected) << word;
  }
}

TEST_F(ExchangeTest, FollowsNoRedirect) {
  test::ChatExchange x = exchange();
  (void)x.resume(Proceed{}, start);
  (void)x.resume(head(307, {{"Location", "http://elsewhere"}}), start);
  EXPECT_EQ(x.resume(BodyEnd{}, start).kind, Kind::done);
  EXPECT_EQ(x.error()->kind, ErrorKind::not_configured);
  EXPECT_EQ(x.attempts(), 1);
}

TEST_F(ExchangeTest, TakesAConnectionThatBreaksBehindTheAnswersOwnEndForItsEnd) {
  const std::string bytes = test::chat_stream({"a", "b"});
  const std::string_view without_done = std::string_view(bytes).substr(0, bytes.find("data: [DONE]"));
  test::ChatExchange x = exchange();
  (void)x.resume(Proceed{}, start);
  (void)x.resume(head(200), start);
  EXPECT_EQ(x.resume(BodyBytes{without_done}, start).kind, Kind::read);
  EXPECT_EQ(x.resume(Error(ErrorKind::network, "reset"), start).kind, Kind::done);
  EXPECT_FALSE(x.error());
  ASSERT_FALSE(x.decoded().events.empty());
  EXPECT_TRUE(std::holds_alternative<Finished>(x.decoded().events.back()));
}

TEST_F(ExchangeTest, RetriesAConnectionThatTheTransportGaveUpMaking) {
  test::ChatExchange x = exchange();
  (void)x.resume(Proceed{}, start);
  EXPECT_EQ(x.resume(Error(ErrorKind::timeout, "no connection"), start).kind, Kind::sleep);
}

TEST_F(ExchangeTest, GivesTheNearestDeadlineAndNamesItWhenItPasses) {
  policy.total_timeout = 10s;
  policy.connect_timeout = 1s;
  policy.first_event_timeout = 3s;
  policy.idle_timeout = 2s;
  policy.max_retries = 0;
  const auto fails_with = [&](std::vector<Exchange::Input> inputs, std::chrono::milliseconds deadline,
                              const char* name) {
    test::ChatExchange x = exchange();
    Action action = x.resume(Proceed{}, start);
    for (auto& input : inputs) action = x.resume(input, start);
    EXPECT_EQ(action.deadline - start, deadline) << name;
    EXPECT_EQ(x.resume(DeadlinePassed{}, action.deadline).kind, Kind::done);
    EXPECT_EQ(x.error()->kind, ErrorKind::timeout);
    EXPECT_NE(x.error()->message.find(name), std::string::npos) << x.error()->message;
  };
  fails_with({}, 1s, "(connect_timeout)");
  fails_with({Connected{}}, 3s, "(first_event_timeout)");
  fails_with({head(200)}, 3s, "(first_event_timeout)");
  fails_with({head(200), BodyBytes{first_frame()}}, 2s, "(idle_timeout)");
  policy.total_timeout = 500ms;
  fails_with({head(200)}, 500ms, "(timeout)");
}

TEST_F(ExchangeTest, MeasuresIdleTimeFromTheLastBytes) {
  policy.idle_timeout = 2s;
  test::ChatExchange x = exchange();
  (void)x.resume(Proceed{}, start);
  (void)x.resume(head(200), start);
  (void)x.resume(BodyBytes{first_frame()}, start + 1s);
  const Action action = x.resume(BodyBytes{": still here\n\n"}, start + 2s);
  EXPECT_EQ(action.deadline, start + 4s);
}

TEST_F(ExchangeTest, RetriesOnlyTheConnectTimeout) {
  policy.connect_timeout = 1s;
  test::ChatExchange x = exchange();
  (void)x.resume(Proceed{}, start);
  EXPECT_EQ(x.resume(DeadlinePassed{}, start + 1s).kind, Kind::sleep);
  policy.connect_timeout.reset();
  policy.first_event_timeout = 1s;
  test::ChatExchange y = exchange();
  (void)y.resume(Proceed{}, start);
  (void)y.resume(head(200), start);
  EXPECT_EQ(y.resume(DeadlinePassed{}, start + 1s).kind, Kind::done);
}

TEST_F(ExchangeTest, DoesNotSleepPastTheEndOfTheCall) {
  policy.total_timeout = 100ms;
  test::ChatExchange x = exchange();
  (void)x.resume(Proceed{}, start);
  EXPECT_EQ(x.resume(Error(ErrorKind::network, "reset"), start).kind, Kind::done);
  EXPECT_EQ(x.error()->kind, ErrorKind::network);
}

TEST_F(ExchangeTest, KeepsHalfAnErrorBody) {
  test::ChatExchange x = exchange();
  (void)x.resume(Proceed{}, start);
  (void)x.resume(head(401), start);
  (void)x.resume(BodyBytes{R"({"error":{"message":"no such key","code":"invalid_api_key"}})"}, start);
  EXPECT_EQ(x.resume(Error(ErrorKind::network, "reset"), start).kind, Kind::done);
  EXPECT_EQ(x.error()->kind, ErrorKind::authentication);
  EXPECT_EQ(x.error()->provider_message, "no such key");
}

TEST_F(ExchangeTest, TakesAnAnswerAsWholeOnceItIsFinished) {
  test::ChatExchange x = exchange();
  (void)x.resume(Proceed{}, start);
  (void)x.resume(head(200), start);
  EXPECT_EQ(x.resume(BodyBytes{test::chat_stream({"a"})}, start).kind, Kind::done);
  (void)x.resume(Error(ErrorKind::network, "reset after [DONE]"), start);
  EXPECT_FALSE(x.error());
}

TEST_F(ExchangeTest, ReportsAStreamThatEndsEarly) {
  test::ChatExchange x = exchange();
  (void)x.resume(Proceed{}, start);
  (void)x.resume(head(200), start);
  const std::string bytes = test::chat_stream({"a", "b"});
  (void)x.resume(BodyBytes{std::string_view(bytes).substr(0, bytes.find("\n\n") + 2)}, start);
  EXPECT_EQ(x.resume(BodyEnd{}, start).kind, Kind::done);
  EXPECT_EQ(x.error()->kind, ErrorKind::protocol);
  EXPECT_EQ(x.decoded().events.size(), 1u);
}

TEST_F(ExchangeTest, RemembersTheRequestId) {
  test::ChatExchange x = exchange();
  (void)x.resume(Proceed{}, start);
  (void)x.resume(head(404, {{"X-Request-Id", "req-7"}}), start);
  (void)x.resume(BodyEnd{}, start);
  EXPECT_EQ(x.error()->request_id, "req-7");
}

TEST_F(ExchangeTest, ARequestThatWaitsForItsTurnIsNotConnecting) {
  policy.connect_timeout = std::chrono::seconds(1);
  policy.first_event_timeout = std::chrono::seconds(2);
  policy.total_timeout = std::chrono::seconds(60);
  test::ChatExchange x = exchange();
  (void)x.resume(Proceed{}, start);
  EXPECT_EQ(x.resume(Queued{true}, start).deadline, start + std::chrono::seconds(60)) << "only the whole call counts";
  const TimePoint later = start + std::chrono::seconds(30);
  EXPECT_EQ(x.resume(Queued{false}, later).deadline, later + std::chrono::seconds(1));
  EXPECT_EQ(x.resume(Connected{}, later).deadline, later + std::chrono::seconds(2));
  EXPECT_EQ(x.resume(Queued{true}, later).deadline, later + std::chrono::seconds(2)) << "too late to queue";
}

TEST_F(ExchangeTest, IsCancelledAtEachStep) {
  const std::string bytes = test::chat_stream({"a", "b"});
  const std::vector<Exchange::Input> script = {Proceed{}, Proceed{}, head(200),
                                               BodyBytes{std::string_view(bytes).substr(0, 20)}};
  for (std::size_t at = 0; at <= script.size(); ++at) {
    test::ChatExchange x = exchange();
    for (std::size_t i = 0; i < at; ++i) (void)x.resume(script[i], start);
    EXPECT_EQ(x.resume(StopRequested{}, start).kind, Kind::done) << at;
    EXPECT_EQ(x.error()->kind, ErrorKind::cancelled) << at;
  }
}

}  // namespace
}  // namespace abstractllm
