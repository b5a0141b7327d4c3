// SPDX-License-Identifier: Apache-2.0
//
// Answers whose bytes, or whose readers, take their time, over real sockets. Nothing here asserts how long something
// took: a limit that does not hold leaves a test without an end, or ends a call that should have gone on.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "abstractllm/abstractllm.hpp"
#include "support/async_calls.hpp"

namespace abstractllm {
namespace {

using namespace std::chrono_literals;
using test::LoopbackConnection;
using test::LoopbackServer;
using test::model_at;

const std::string answer = test::chat_stream({"one ", "two"});
const std::string first = answer.substr(0, answer.find("\n\n") + 2);
const std::string rest = answer.substr(first.size());

/// Reads a stream to its end with next() or with next_async(); after the first event `pause` runs on the reader's
/// thread, which for next_async() is the loop's own.
class Reader {
 public:
  explicit Reader(bool is_async) : async_(is_async) {}

  Result<Response> read(
      Stream stream, const std::function<void()>& pause = [] {}) const {
    return async_ ? sync_wait(read_async(std::move(stream), pause)) : read_blocking(std::move(stream), pause);
  }

 private:
  static Result<Response> read_blocking(Stream stream, const std::function<void()>& pause) {
    for (bool is_first = true;; is_first = false) {
      auto event = stream.next();
      if (!event) return event.error();
      if (!*event) return stream.response();
      if (is_first) pause();
    }
  }
  static Task<Result<Response>> read_async(Stream stream, const std::function<void()>& pause) {
    for (bool is_first = true;; is_first = false) {
      auto event = co_await stream.next_async();
      if (!event) co_return event.error();
      if (!*event) co_return stream.response();
      if (is_first) pause();
    }
  }

  bool async_;
};

class Time : public testing::TestWithParam<bool> {
 protected:
  Result<Response> read(
      const Llm& model, const Options& options, const std::function<void()>& pause = [] {}) const {
    return Reader(GetParam()).read(model.stream("Hi", options), pause);
  }
};

/// Sends the first event, and the rest once its reader has begun to pause, for longer than `limit`.
class PausedServer {
 public:
  explicit PausedServer(std::chrono::milliseconds limit)
      : limit_(limit), server_([this](LoopbackConnection& connection) {
          connection.send(test::stream_head + first);
          while (!paused_) std::this_thread::sleep_for(1ms);
          connection.send(rest);
          sent_ = true;
          connection.wait_closed();
          return false;
        }) {}
  /// Until the rest is in the reader's socket and the limit has passed.
  void pause() {
    paused_ = true;
    while (!sent_) std::this_thread::sleep_for(1ms);
    std::this_thread::sleep_for(limit_ + 50ms);
  }
  Llm model() const { return model_at(server_); }

 private:
  std::chrono::milliseconds limit_;
  std::atomic<bool> paused_ = false;
  std::atomic<bool> sent_ = false;
  LoopbackServer server_;
};

// A pager or a dialog: what has arrived meanwhile was paid for and is here.
TEST_P(Time, AReaderThatPausesLongerThanTheIdleTimeoutLosesNothing) {
  PausedServer server(100ms);
  const auto outcome = read(server.model(), Options().idle_timeout(100ms), [&] { server.pause(); });
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->text, "one two");
}

TEST_P(Time, AReaderThatPausesUntilTheCallsTimeIsUpGetsWhatHasArrived) {
  PausedServer server(3s);  // enough to connect on a busy machine
  const auto outcome = read(server.model(), Options().timeout(3s), [&] { server.pause(); });
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->text, "one two");
}

// A model that thinks for minutes behind a head that was sent at once.
TEST_P(Time, SilenceBeforeTheFirstTextIsNoSilenceWithinTheAnswer) {
  LoopbackServer server([](LoopbackConnection& connection) {
    connection.send(test::stream_head + std::string(": waiting\n\n"));
    std::this_thread::sleep_for(300ms);
    return connection.send(answer) && false;
  });
  const auto outcome = read(model_at(server), Options().idle_timeout(50ms));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->text, "one two");
}

/// Sends `bytes` again and again until the client has had enough.
LoopbackServer::Handler flood(std::string begin, std::string bytes) {
  return [begin = std::move(begin), bytes = std::move(bytes)](LoopbackConnection& connection) {
    connection.send(test::stream_head + begin);
    while (connection.send(bytes)) continue;
    return false;
  };
}

std::string many(const std::string& event) {
  std::string bytes;
  while (bytes.size() < 64 * 1024) bytes += event;
  return bytes;
}

/// Few and long: how fast they are read is not what is tested.
const std::string padding(2000, 'a');
const std::string long_text = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + padding + "\"}}]}\n\n";
const std::string long_role =
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\"}}],\"p\":\"" + padding + "\"}\n\n";

TEST_P(Time, TokensWithoutEndDoNotOutliveTheCallsTime) {
  LoopbackServer server(flood("", many(long_text)));
  const auto outcome = read(model_at(server), Options().timeout(3s).max_response_bytes(std::int64_t{1} << 40));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::timeout);
  EXPECT_TRUE(outcome.error().partial->text.starts_with("aaa"));
}

TEST_P(Time, SignsOfLifeDoNotPutOffTheFirstEvent) {
  for (const std::string& sign : {std::string(2000, ' ') + "\n", ": waiting" + padding + "\n\n", long_role}) {
    LoopbackServer server(flood("", many(sign)));
    const auto outcome =
        read(model_at(server), Options().first_event_timeout(200ms).max_response_bytes(std::int64_t{1} << 40));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, ErrorKind::timeout) << outcome.error().message;
    EXPECT_NE(outcome.error().message.find("first_event_timeout"), std::string::npos);
  }
}

TEST_P(Time, AnAnswerWithoutEndIsAnErrorWithWhatCame) {
  LoopbackServer server(flood("", many(first)));
  const auto outcome = read(model_at(server), Options().max_response_bytes(200'000));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::protocol);
  EXPECT_NE(outcome.error().message.find("max_response_bytes"), std::string::npos);
  EXPECT_GE(outcome.error().partial->text.size(), 200'000 / first.size() * 4);
}

// Some servers give a finish reason and keep the connection open, with or without signs of life.
TEST_P(Time, AFinishReasonWithoutAnEndIsTheEnd) {
  const std::string unmarked = answer.substr(0, answer.find("data: [DONE]"));
  LoopbackServer silent([&](LoopbackConnection& connection) {
    connection.send(test::stream_head + unmarked);
    connection.wait_closed();
    return false;
  });
  LoopbackServer lively(flood(unmarked, ": still here\n\n"));
  for (const LoopbackServer* server : {&silent, &lively}) {
    const auto outcome = read(model_at(*server), {});
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(outcome->text, "one two");
    EXPECT_EQ(outcome->finish_reason, FinishReason::stop);
    EXPECT_EQ(outcome->usage.output_tokens, 3);
  }
}

TEST_P(Time, AnErrorWhoseBodyNeverComesIsKnownByItsStatus) {
  LoopbackServer server([](LoopbackConnection& connection) {
    connection.send("HTTP/1.1 401 Unauthorized\r\nContent-Length: 100\r\n\r\n{");
    connection.wait_closed();
    return false;
  });
  const auto outcome = read(model_at(server), Options().idle_timeout(100ms));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::authentication);
}

INSTANTIATE_TEST_SUITE_P(Each, Time, testing::Bool(),
                         [](const auto& param) { return param.param ? "loop" : "blocking"; });

// A whole call of another handle has its turn while one is flooded.
TEST(TimeOnTheLoop, AFloodedCallLeavesTimeForOthers) {
  LoopbackServer flooding(flood("", many(": waiting" + padding + "\n\n")));
  LoopbackServer answering(test::answer);
  std::stop_source stop;
  auto flooded = model_at(flooding).generate_future(
      "Hi", Options().stop_token(stop.get_token()).max_response_bytes(std::int64_t{1} << 40));
  for (int call = 0; call < 20; ++call)
    EXPECT_EQ(model_at(answering).generate_future("Hi").get().value().text, "Paris.");
  stop.request_stop();
  EXPECT_EQ(flooded.get().error().kind, ErrorKind::cancelled);
}

}  // namespace
}  // namespace abstractllm
