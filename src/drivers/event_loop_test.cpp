// SPDX-License-Identifier: Apache-2.0
#include "drivers/event_loop.hpp"

#include <gtest/gtest.h>

#include <future>

#include "abstractllm/registry.hpp"
#include "support/chat_exchange.hpp"
#include "support/scripted_transport.hpp"

namespace abstractllm {
namespace {

using namespace std::chrono_literals;

/// The results of a channel that can notify. Nobody is notified, because the test runs the driver itself.
struct Source {
  std::function<std::optional<IoResult>()> next;
};

class SourceTransport final : public Transport {
 public:
  explicit SourceTransport(Source& source) : source_(source) {}
  Result<std::unique_ptr<Channel>> open(std::shared_ptr<const HttpRequest>) override {
    return std::unique_ptr<Channel>(std::make_unique<SourceChannel>(source_));
  }

 private:
  class SourceChannel final : public Channel {
   public:
    explicit SourceChannel(Source& source) : source_(source) {}
    std::optional<IoResult> poll() override { return source_.next(); }
    void wait(std::chrono::steady_clock::time_point) override {}
    void wake() override {}
    bool notify(std::function<void()>) override { return true; }

   private:
    Source& source_;
  };
  Source& source_;
};

class EventLoopDriverTest : public ::testing::Test {
 protected:
  EventLoopDriverTest() {
    policy.first_event_timeout = 600s;
    policy.idle_timeout = 120s;
  }
  /// Runs `test` with a driver on the loop's thread.
  void with_driver(const std::function<void(EventLoopDriver&)>& test) {
    std::promise<void> ended;
    Reactor::shared().post([&] {
      EventLoopDriver driver(
          test::chat_sequence(policy, std::make_shared<SourceTransport>(source)), [this] { ++wakes; },
          Reactor::shared(), clock);
      test(driver);
      ended.set_value();
    });
    ended.get_future().wait();
  }
  /// Returns these results, one per poll, and then nothing.
  void give(std::vector<IoResult> results) {
    source.next = [results = std::move(results), at = std::size_t{0}]() mutable -> std::optional<IoResult> {
      if (at == results.size()) return std::nullopt;
      return results[at++];
    };
  }
  test::FakeClock clock;
  Policy policy;
  Source source;
  int wakes = 0;
  const std::string answer = test::chat_stream({"a"});
  const std::string text = answer.substr(0, answer.find("\n\n") + 2);
  const std::string rest = answer.substr(text.size());
};

TEST_F(EventLoopDriverTest, LetsOthersHaveTheirTurnWhileAServerFloodsIt) {
  const std::string comments = ":" + std::string(1 << 20, '.') + "\n";
  bool head_given = false;
  std::size_t polls = 0;
  source.next = [&]() -> std::optional<IoResult> {
    if (!std::exchange(head_given, true)) return HttpHead{200, {}};
    ++polls;
    return BodyBytes{comments};
  };
  with_driver([&](EventLoopDriver& driver) {
    for (int turn = 1; turn <= 8; ++turn) {
      EXPECT_FALSE(driver.run_until_output(false));
      EXPECT_EQ(wakes, turn) << "it asks to go on";
    }
    EXPECT_LE(polls, 3U) << "a quarter of a megabyte in each turn";
    EXPECT_TRUE(driver.run_until_output(true));
    EXPECT_EQ(driver.sequence().error()->kind, ErrorKind::cancelled);
  });
}

TEST_F(EventLoopDriverTest, LooksAtTheSocketOnceMoreWhenTheTimeIsUp) {
  give({HttpHead{200, {}}, BodyBytes{text}});
  with_driver([&](EventLoopDriver& driver) {
    EXPECT_TRUE(driver.run_until_output(false));
    test::decoded_of(driver).events.clear();
    EXPECT_FALSE(driver.run_until_output(false));
    clock.advance(121s);
    wakes = 0;
    EXPECT_FALSE(driver.run_until_output(false)) << "the loop has not looked yet";
    EXPECT_EQ(wakes, 1);
    give({BodyBytes{rest}});
    EXPECT_TRUE(driver.run_until_output(false));
    EXPECT_FALSE(driver.sequence().error());
  });
}

TEST_F(EventLoopDriverTest, EndsASilentCallWhenTheLookFoundNothing) {
  give({HttpHead{200, {}}, BodyBytes{text}});
  with_driver([&](EventLoopDriver& driver) {
    EXPECT_TRUE(driver.run_until_output(false));
    test::decoded_of(driver).events.clear();
    EXPECT_FALSE(driver.run_until_output(false));
    clock.advance(121s);
    EXPECT_FALSE(driver.run_until_output(false));
    EXPECT_TRUE(driver.run_until_output(false));
    EXPECT_EQ(driver.sequence().error()->message, "the answer fell silent for 120 s (idle_timeout)");
  });
}

TEST_F(EventLoopDriverTest, TimeInWhichTheConsumerTakesNothingIsNoSilence) {
  give({HttpHead{200, {}}, BodyBytes{text}});
  with_driver([&](EventLoopDriver& driver) {
    EXPECT_TRUE(driver.run_until_output(false));
    test::decoded_of(driver).events.clear();
    clock.advance(1000s);  // the list of events is full
    EXPECT_FALSE(driver.run_until_output(false));
    clock.advance(119s);
    EXPECT_FALSE(driver.run_until_output(false));
    give({BodyBytes{rest}});
    EXPECT_TRUE(driver.run_until_output(false));
    EXPECT_FALSE(driver.sequence().error());
  });
}

TEST_F(EventLoopDriverTest, ReadsAllThatIsThereBeforeTheEndOfTheCallsTime) {
  policy.total_timeout = 10s;
  give({HttpHead{200, {}}, BodyBytes{text}});
  with_driver([&](EventLoopDriver& driver) {
    EXPECT_TRUE(driver.run_until_output(false));
    test::decoded_of(driver).events.clear();
    clock.advance(1000s);
    give({BodyBytes{text}, BodyBytes{text}});
    EXPECT_FALSE(driver.run_until_output(false)) << "there may be more in the socket";
    give({BodyBytes{text}});
    EXPECT_FALSE(driver.run_until_output(false));
    give({});
    EXPECT_TRUE(driver.run_until_output(false));
    EXPECT_EQ(test::decoded_of(driver).events.size(), 3U);
    EXPECT_EQ(driver.sequence().error()->message, "the call took longer than 10 s (timeout)");
  });
}

}  // namespace
}  // namespace abstractllm
