// SPDX-License-Identifier: Apache-2.0
#include "drivers/blocking.hpp"

#include <gtest/gtest.h>

#include "abstractllm/registry.hpp"
#include "support/chat_exchange.hpp"
#include "support/scripted_transport.hpp"

namespace abstractllm {
namespace {

using namespace std::chrono_literals;
using namespace abstractllm::test;

class BlockingDriverTest : public ::testing::Test {
 protected:
  std::shared_ptr<ScriptedTransport> server(std::vector<Script> scripts) {
    return std::make_shared<ScriptedTransport>(std::move(scripts), clock);
  }
  std::unique_ptr<BlockingDriver> driver(std::shared_ptr<Transport> transport) {
    return std::make_unique<BlockingDriver>(chat_sequence(policy, std::move(transport)), stop.get_token(), clock);
  }
  // Reads all events of the call. Returns their number.
  std::size_t drain(BlockingDriver& d) {
    std::size_t count = 0;
    auto& events = test::decoded_of(d).events;
    while (d.run_until_output()) {
      count += events.size();
      events.clear();
    }
    return count;
  }
  FakeClock clock;
  Policy policy;
  std::stop_source stop;
};

Script answer() { return {Head{}, Bytes{chat_stream({"a", "b"})}, End{}}; }

TEST_F(BlockingDriverTest, ReadsAnAnswerAndLetsTheChannelGo) {
  auto to = server({answer()});
  auto d = driver(to);
  EXPECT_EQ(drain(*d), 3u);
  EXPECT_FALSE(d->sequence().error());
  EXPECT_EQ(to->open_channels(), 0);
}

TEST_F(BlockingDriverTest, GivesTheSameEventsAtEveryByteSplit) {
  const std::string bytes = chat_stream({"a", "b"});
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    auto d = driver(server({{Head{}, Bytes{bytes.substr(0, cut)}, Bytes{bytes.substr(cut)}, End{}}}));
    EXPECT_EQ(drain(*d), 3u) << cut;
    EXPECT_FALSE(d->sequence().error()) << cut;
  }
}

TEST_F(BlockingDriverTest, RetriesOnANewChannelAfterWaiting) {
  auto to = server({{Error(ErrorKind::network, "reset")}, answer()});
  auto d = driver(to);
  const TimePoint before = clock.now();
  EXPECT_EQ(drain(*d), 3u);
  EXPECT_EQ(to->requests().size(), 2u);
  EXPECT_EQ(clock.now() - before, 250ms);
}

TEST_F(BlockingDriverTest, EndsASilentCallAtItsDeadline) {
  policy.first_event_timeout = 3s;
  auto to = server({{Head{}, Silence{}}});
  auto d = driver(to);
  const TimePoint before = clock.now();
  EXPECT_EQ(drain(*d), 0u);
  EXPECT_EQ(d->sequence().error()->kind, ErrorKind::timeout);
  EXPECT_EQ(clock.now() - before, 3s);
  EXPECT_EQ(to->open_channels(), 0);
}

TEST_F(BlockingDriverTest, FailsAtEachStep) {
  const std::string bytes = chat_stream({"a", "b"});
  const Script whole = {Head{}, Bytes{bytes.substr(0, 30)}, Bytes{bytes.substr(30, 100)}, Bytes{bytes.substr(130)}};
  policy.max_retries = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    Script script(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(at));
    script.push_back(Error(ErrorKind::network, "reset"));
    auto to = server({script});
    auto d = driver(to);
    (void)drain(*d);
    ASSERT_TRUE(d->sequence().error()) << at;
    EXPECT_EQ(d->sequence().error()->kind, ErrorKind::network) << at;
    EXPECT_EQ(to->open_channels(), 0) << at;
  }
}

TEST_F(BlockingDriverTest, IsCancelledAtEachStep) {
  const std::string bytes = chat_stream({"a", "b"});
  const Script whole = {Head{}, Bytes{bytes.substr(0, 30)}, Bytes{bytes.substr(30, 100)}};
  for (std::size_t at = 0; at <= whole.size(); ++at) {
    Script script(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(at));
    script.push_back(Silence{});
    stop = std::stop_source();
    auto to = server({script});
    to->on_wait([&] { stop.request_stop(); });
    auto d = driver(to);
    (void)drain(*d);
    ASSERT_TRUE(d->sequence().error()) << at;
    EXPECT_EQ(d->sequence().error()->kind, ErrorKind::cancelled) << at;
    EXPECT_EQ(to->open_channels(), 0) << at;
  }
}

TEST_F(BlockingDriverTest, SendsNothingWhenItIsStoppedBefore) {
  stop.request_stop();
  auto to = server({answer()});
  auto d = driver(to);
  EXPECT_EQ(drain(*d), 0u);
  EXPECT_EQ(d->sequence().error()->kind, ErrorKind::cancelled);
  EXPECT_TRUE(to->requests().empty());
}

TEST_F(BlockingDriverTest, IsCancelledWhileItWaitsForARetry) {
  struct StoppingClock final : Clock {
    TimePoint now() const override { return TimePoint{1h}; }
    void sleep_until(TimePoint, const std::stop_token&) override { source->request_stop(); }
    std::stop_source* source = nullptr;
  } stopping;
  stopping.source = &stop;
  auto to = server({{Error(ErrorKind::network, "reset")}, answer()});
  BlockingDriver d(chat_sequence(policy, to), stop.get_token(), stopping);
  EXPECT_EQ(drain(d), 0u);
  EXPECT_EQ(d.sequence().error()->kind, ErrorKind::cancelled);
  EXPECT_EQ(to->requests().size(), 1u);
}

std::string text_of(const std::string& piece) {
  const std::string bytes = chat_stream({piece});
  return bytes.substr(0, bytes.find("\n\n") + 2);
}

class BlockingDriverTimeTest : public BlockingDriverTest {
 protected:
  BlockingDriverTimeTest() {
    policy.connect_timeout = 10s;
    policy.first_event_timeout = 600s;
    policy.idle_timeout = 120s;
  }
  static std::string message(BlockingDriver& d) {
    return d.sequence().error() ? d.sequence().error()->message : std::string();
  }
};

TEST_F(BlockingDriverTimeTest, MeasuresSilenceFromTheEndOfTheWaitBefore) {
  auto d = driver(server({{Head{}, Bytes{text_of("a")}, SentAfter{61s}, Bytes{": waiting\n\n"}, SentAfter{122s},
                           Bytes{chat_stream({"c"})}, End{}}}));
  EXPECT_EQ(drain(*d), 3U);
  EXPECT_EQ(message(*d), "");
}

TEST_F(BlockingDriverTimeTest, WaitsForTheFirstEventLongerThanForTheNext) {
  policy.connect_timeout.reset();  // this transport does not report when it is connected
  auto d = driver(server({{SentAfter{121s}, Head{}, SentAfter{300s}, Bytes{chat_stream({"a"})}, End{}}}));
  EXPECT_EQ(drain(*d), 2U);
  EXPECT_EQ(message(*d), "");
}

TEST_F(BlockingDriverTimeTest, AnAttemptAfterRetryAfterHasItsWholeTime) {
  auto d = driver(
      server({{Head{429, {{"Retry-After", "12"}}}, End{}}, {SentAfter{9s}, Head{}, Bytes{chat_stream({"a"})}, End{}}}));
  EXPECT_EQ(drain(*d), 2U);
  EXPECT_EQ(message(*d), "");
  EXPECT_EQ(d->sequence().attempts(), 2);
}

TEST_F(BlockingDriverTimeTest, ACallerWhoTakesHisTimeFindsWhatCameMeanwhile) {
  for (const bool has_total : {false, true}) {
    if (has_total) policy.total_timeout = 30s;
    auto d = driver(server({{Head{}, Bytes{text_of("a")}, SentAfter{5s}, Bytes{text_of("b")}, SentAfter{6s},
                             Bytes{chat_stream({"c"})}, End{}}}));
    ASSERT_TRUE(d->run_until_output());
    test::decoded_of(*d).events.clear();
    clock.advance(1000s);
    EXPECT_EQ(drain(*d), 3U);
    EXPECT_EQ(message(*d), "");
  }
}

TEST_F(BlockingDriverTimeTest, WhatHasNotComeByTheEndOfTheCallsTimeIsNotWaitedFor) {
  policy.total_timeout = 30s;
  auto to = server({{Head{}, Bytes{text_of("a")}, SentAfter{5s}, Bytes{text_of("b")}, SentAfter{2000s},
                     Bytes{chat_stream({"c"})}, End{}}});
  auto d = driver(to);
  ASSERT_TRUE(d->run_until_output());
  test::decoded_of(*d).events.clear();
  clock.advance(1000s);
  const TimePoint before = clock.now();
  EXPECT_EQ(drain(*d), 1U);
  EXPECT_EQ(message(*d), "the call took longer than 30 s (timeout)");
  EXPECT_EQ(clock.now(), before);
  EXPECT_EQ(to->open_channels(), 0);
}

TEST_F(BlockingDriverTimeTest, ACallerWhoTakesHisTimeDoesNotMakeTheServerSilent) {
  auto d = driver(server({{Head{}, Bytes{text_of("a")}, SentAfter{1100s}, Bytes{chat_stream({"c"})}, End{}}}));
  ASSERT_TRUE(d->run_until_output());
  test::decoded_of(*d).events.clear();
  clock.advance(1000s);
  EXPECT_EQ(drain(*d), 2U);
  EXPECT_EQ(message(*d), "");
}

TEST_F(BlockingDriverTimeTest, EndsAnAnswerThatHasAFinishReasonAndNoEnd) {
  const std::string whole = chat_stream({"a"});
  auto d = driver(server({{Head{}, Bytes{whole.substr(0, whole.find("data: [DONE]"))}, Silence{}}}));
  const TimePoint before = clock.now();
  EXPECT_EQ(drain(*d), 2U);
  EXPECT_EQ(message(*d), "");
  EXPECT_EQ(clock.now() - before, 2s);
}

/// Stops the call as soon as it is fed, and counts the calls.
class StoppingProtocol final : public Protocol {
 public:
  explicit StoppingProtocol(std::stop_source stop) : stop_(std::move(stop)) {}
  std::string_view name() const override { return "stopping"; }
  Result<EncodedRequest> encode(const Request&) const override { return EncodedRequest(); }
  std::unique_ptr<Decoder> decoder(Delivery) const override { return std::make_unique<Counting>(*this); }
  Error decode_error(const HttpHead&, std::string_view) const override { return {ErrorKind::protocol, ""}; }

  mutable std::size_t fed = 0;

 private:
  class Counting final : public Decoder {
   public:
    explicit Counting(const StoppingProtocol& of) : of_(of) {}
    Result<void> feed(std::string_view bytes, Decoded&) override {
      of_.fed += bytes.size();
      of_.stop_.request_stop();
      return {};
    }
    Result<void> finish(Decoded&) override { return Error(ErrorKind::protocol, "cut"); }

   private:
    const StoppingProtocol& of_;
  };
  mutable std::stop_source stop_;
};

TEST_F(BlockingDriverTest, ReadsLargeInputInPiecesSoThatAStopTokenIsHeard) {
  const auto stopping = std::make_shared<StoppingProtocol>(stop);
  const auto inquiry =
      std::make_shared<ChatInquiry>(stopping, Delivery::stream, false, std::make_shared<const HttpRequest>(),
                                    server({{Head{}, Bytes{std::string(10 << 20, '\n')}, End{}}}));
  BlockingDriver d(Sequence(Stage{inquiry, policy}, half), stop.get_token(), clock);
  EXPECT_FALSE(d.run_until_output());
  EXPECT_EQ(d.sequence().error()->kind, ErrorKind::cancelled);
  EXPECT_EQ(stopping->fed, 32U * 1024);
}

TEST_F(BlockingDriverTest, LosesNoByteOfLargeInput) {
  std::vector<std::string> words;
  for (int i = 0; i < 500; ++i) words.push_back("word " + std::to_string(i));
  auto d = driver(server({{Head{}, Bytes{chat_stream(words)}, End{}}}));
  EXPECT_EQ(drain(*d), 501U);
  EXPECT_FALSE(d->sequence().error());
}

TEST_F(BlockingDriverTest, LetsTheChannelGoWhenItIsDropped) {
  auto to = server({{Head{}, Bytes{chat_stream({"a"}).substr(0, 200)}, Silence{}}});
  auto d = driver(to);
  EXPECT_TRUE(d->run_until_output());
  EXPECT_EQ(to->open_channels(), 1);
  d.reset();
  EXPECT_EQ(to->open_channels(), 0);
}

}  // namespace
}  // namespace abstractllm
