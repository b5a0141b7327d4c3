// SPDX-License-Identifier: Apache-2.0
//
// Asynchronous calls over real sockets: what runs where, how they end, what they hold.
#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <set>
#include <thread>

#include "abstractllm/abstractllm.hpp"
#include "support/async_calls.hpp"
#include "support/threads.hpp"
#include "transport/curl/curl_loop.hpp"

namespace abstractllm {
namespace {

using test::answer;
using test::fall_silent;
using test::Latch;
using test::LoopbackConnection;
using test::LoopbackServer;
using test::model_at;
using test::threads_of_this_process;

/// A user's own loop: runs what is posted when it is told to.
class OwnLoop final : public Executor {
 public:
  void post(std::function<void()> task) override {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    changed_.notify_one();
  }
  void run_until(const std::function<bool()>& done) {
    while (!done()) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return !tasks_.empty(); });
      const auto task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
};

/// Begins the loop thread, so that it is not counted with what a test does.
void begin_loop() {
  LoopbackServer server(answer);
  ASSERT_TRUE(model_at(server).generate_async("Hi").wait());
}

TEST(Async, ManyCallsRunOnOneThread) {
  begin_loop();
  LoopbackServer server(fall_silent);
  const Llm model = model_at(server);
  std::vector<Stream> streams;
  const std::ptrdiff_t before = threads_of_this_process();
  std::stop_source stop;
  Latch first(50);
  Latch ended(50);
  for (int i = 0; i < 50; ++i) {
    model.stream_async(
        "Hi", Options().stop_token(stop.get_token()), [&](const StreamEvent&) { first.arrive(); },
        [&](const Result<Response>& outcome) {
          EXPECT_EQ(outcome.error().kind, ErrorKind::cancelled);
          EXPECT_EQ(outcome.error().partial->text, "one ");
          ended.arrive();
        });
  }
  first.wait();
  // The server is in this process, and has a thread for each connection.
  EXPECT_EQ(threads_of_this_process() - before, 50);
  stop.request_stop();
  ended.wait();
}

TEST(Async, CallsOneAfterTheOtherShareOneConnection) {
  LoopbackServer server(answer);
  const Llm model = model_at(server);
  for (int i = 0; i < 20; ++i) ASSERT_EQ(model.generate_async("Hi").wait().value().text, "Paris.");
  EXPECT_EQ(server.connections(), 1);
}

TEST(Async, CallsOverTheLimitOfConnectionsWaitTheirTurnInOrder) {
  std::mutex mutex;
  std::vector<std::string> order;
  LoopbackServer server([&](LoopbackConnection& connection) {
    {
      const std::lock_guard lock(mutex);
      order.push_back(connection.body());
    }
    return answer(connection);
  });
  const Llm model = model_at(server, Options().max_connections_per_host(1).connect_timeout(std::chrono::seconds(30)));
  std::vector<std::future<Result<Response>>> futures;
  for (int i = 0; i < 30; ++i) futures.push_back(model.generate_future("number " + std::to_string(i)));
  for (auto& future : futures) ASSERT_TRUE(future.get());
  EXPECT_EQ(server.connections(), 1);
  ASSERT_EQ(order.size(), 30U);
  for (std::size_t i = 0; i < order.size(); ++i)
    EXPECT_NE(order[i].find("number " + std::to_string(i) + "\""), std::string::npos) << order[i];
}

TEST(Async, AQueuedCallCanBeStoppedAndItsWaitIsNoConnectTimeout) {
  std::atomic<bool> let_go = false;
  LoopbackServer server([&](LoopbackConnection& connection) {
    while (!let_go) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return answer(connection);
  });
  const Llm model = model_at(server, Options().max_connections_per_host(1).max_retries(0));
  auto running = model.generate_future("first");
  std::stop_source stop;
  auto stopped = model.generate_future("second", Options().stop_token(stop.get_token()));
  auto waiting = model.generate_future(
      "third", Options().connect_timeout(std::chrono::milliseconds(1)).first_event_timeout(std::chrono::seconds(60)));
  auto hurried = model.generate_future("fourth", Options().timeout(std::chrono::milliseconds(20)));
  stop.request_stop();
  EXPECT_EQ(stopped.get().error().kind, ErrorKind::cancelled);
  EXPECT_EQ(hurried.get().error().kind, ErrorKind::timeout);
  let_go = true;
  EXPECT_TRUE(running.get());
  const auto third = waiting.get();
  EXPECT_TRUE(third) << third.error().message;
}

TEST(Async, AConsumerThatTakesNothingStopsTheTransferAndLosesNothing) {
  constexpr int count = 40'000;
  std::vector<std::string> words;
  for (int i = 0; i < count; ++i) words.push_back(std::to_string(i) + " ");
  const std::string whole = test::http_answer(test::chat_stream(words));
  std::atomic<bool> sent_all = false;
  LoopbackServer server([&](LoopbackConnection& connection) {
    const bool sent = connection.send(whole);
    sent_all = true;
    return sent;
  });
  const auto read = [](Stream stream, std::atomic<bool>& sent) -> Task<std::string> {
    std::string text;
    auto first = co_await stream.next_async();
    text += std::get<TextDelta>(**first).text;
    // The sockets' buffers take some of it, but never all.
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    EXPECT_FALSE(sent);
    for (;;) {
      auto event = co_await stream.next_async();
      if (!event) co_return event.error().message;
      if (!*event) co_return text;
      if (const auto* delta = std::get_if<TextDelta>(&**event)) text += delta->text;
    }
  };
  const Llm model = model_at(server);
  std::string expected;
  for (const std::string& word : words) expected += word;
  EXPECT_EQ(sync_wait(read(model.stream("Hi"), sent_all)), expected);
}

TEST(Async, CallbacksRunOnTheExecutor) {
  LoopbackServer server(answer);
  auto loop = std::make_shared<OwnLoop>();
  std::set<std::thread::id> threads;
  std::string text;
  bool done = false;
  model_at(server).stream_async(
      "Hi", Options().executor(loop),
      [&](const StreamEvent& event) {
        threads.insert(std::this_thread::get_id());
        if (const auto* delta = std::get_if<TextDelta>(&event)) text += delta->text;
      },
      [&](const Result<Response>& outcome) {
        threads.insert(std::this_thread::get_id());
        EXPECT_EQ(outcome->text, "Paris.");
        done = true;
      });
  loop->run_until([&] { return done; });
  EXPECT_EQ(text, "Paris.");
  EXPECT_EQ(threads, std::set{std::this_thread::get_id()});
}

TEST(Async, ACoroutineGoesOnOnTheExecutor) {
  LoopbackServer server(answer);
  auto loop = std::make_shared<OwnLoop>();
  const Llm model = model_at(server, Options().executor(loop));
  std::atomic<bool> done = false;
  std::thread::id thread;
  const auto ask = [](const Llm& asked, std::thread::id& on, std::atomic<bool>& ended,
                      std::shared_ptr<OwnLoop> wake) -> Task<std::string> {
    PendingResponse pending = asked.generate_async("Hi");
    auto outcome = co_await std::move(pending);
    on = std::this_thread::get_id();
    ended = true;
    wake->post([] {});
    co_return outcome->text;
  };
  Task<std::string> task = ask(model, thread, done, loop);
  bool ended = false;
  task.begin([](void* of) { *static_cast<bool*>(of) = true; }, &ended);
  loop->run_until([&] { return done.load(); });
  EXPECT_EQ(thread, std::this_thread::get_id());
  EXPECT_TRUE(ended);
  EXPECT_EQ(task.result(), "Paris.");
}

TEST(Async, ACallbackThatThrowsHarmsOnlyItsOwnCall) {
  LoopbackServer server(answer);
  const Llm model = model_at(server);
  std::promise<Result<Response>> thrown;
  model.stream_async(
      "Hi", {}, [](const StreamEvent&) { throw std::runtime_error("boom"); },
      [&](Result<Response> outcome) {
        thrown.set_value(std::move(outcome));
        throw 7;
      });
  const Result<Response> outcome = thrown.get_future().get();
  EXPECT_EQ(outcome.error().kind, ErrorKind::cancelled);
  EXPECT_NE(outcome.error().message.find("boom"), std::string::npos);
  EXPECT_EQ(model.generate_async("Hi").wait().value().text, "Paris.");
}

TEST(Async, ABlockedLoopIsReported) {
  std::mutex mutex;
  std::vector<std::string> events;
  const LogSink sink = add_log_sink(LogLevel::warn, [&](const LogRecord& record) {
    const std::lock_guard lock(mutex);
    events.push_back(std::string(record.event));
  });
  LoopbackServer server(answer);
  const Llm model = model_at(server);
  std::promise<void> done;
  model.generate_async("Hi", {}, [&](const Result<Response>&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    done.set_value();
  });
  done.get_future().get();
  ASSERT_TRUE(model.generate_async("Hi").wait());  // behind it on the loop
  const std::lock_guard lock(mutex);
  EXPECT_EQ(events, std::vector<std::string>{"loop_blocked"});
}

TEST(Async, ErrorsBeforeAnythingIsSentComeLikeAllOthers) {
  const Llm model = create_llm("openai_compatible", Options().base_url("http://127.0.0.1:9/v1")).value();
  EXPECT_EQ(model.generate_async("").wait().error().kind, ErrorKind::invalid_argument);
  EXPECT_EQ(model.generate_future("").get().error().kind, ErrorKind::invalid_argument);
  std::promise<std::pair<ErrorKind, std::thread::id>> promise;
  model.generate_async("", {}, [&](const Result<Response>& outcome) {
    promise.set_value({outcome.error().kind, std::this_thread::get_id()});
  });
  const auto [kind, thread] = promise.get_future().get();
  EXPECT_EQ(kind, ErrorKind::invalid_argument);
  EXPECT_NE(thread, std::this_thread::get_id()) << "never from within the call itself";
  EXPECT_EQ(model.generate_async("Hi", Options().max_retries(0)).wait().error().kind, ErrorKind::network);
}

TEST(Async, RetriesWaitWithoutAThread) {
  std::atomic<int> requests = 0;
  LoopbackServer server([&](LoopbackConnection& connection) {
    if (++requests < 3) return connection.send("HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n");
    return answer(connection);
  });
  const auto outcome = model_at(server).generate_async("Hi").wait();
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->timing.attempts, 3);
}

TEST(Async, TimesOutByName) {
  LoopbackServer server(fall_silent);
  Stream stream = model_at(server).stream("Hi", Options().idle_timeout(std::chrono::milliseconds(30)));
  const auto read = [](Stream& from) -> Task<Error> {
    for (;;) {
      auto event = co_await from.next_async();
      if (!event) co_return event.error();
    }
  };
  const Error error = sync_wait(read(stream));
  EXPECT_EQ(error.kind, ErrorKind::timeout);
  EXPECT_NE(error.message.find("idle_timeout"), std::string::npos);
  EXPECT_EQ(stream.response().text, "one ");
}

/// A user's own transport that knows no notify(): gives a piece after each wait, and then nothing.
class WaitingChannel final : public Channel {
 public:
  explicit WaitingChannel(std::vector<std::string> pieces) : pieces_(std::move(pieces)) {}

  std::optional<IoResult> poll() override {
    if (!std::exchange(has_one_, false)) return std::nullopt;
    if (at_ == 0) return ++at_, HttpHead{200, {}};
    return BodyBytes{pieces_[at_++ - 1]};
  }
  void wait(std::chrono::steady_clock::time_point deadline) override {
    std::unique_lock lock(mutex_);
    if (at_ <= pieces_.size()) has_one_ = true;
    else changed_.wait_until(lock, deadline, [&] { return woken_; });
    woken_ = false;
  }
  void wake() override {
    const std::lock_guard lock(mutex_);
    woken_ = true;
    changed_.notify_all();
  }

 private:
  std::vector<std::string> pieces_;
  std::size_t at_ = 0;
  bool has_one_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;
};

class WaitingTransport final : public Transport {
 public:
  explicit WaitingTransport(std::vector<std::string> pieces) : pieces_(std::move(pieces)) {}
  Result<std::unique_ptr<Channel>> open(std::shared_ptr<const HttpRequest>) override {
    return std::unique_ptr<Channel>(std::make_unique<WaitingChannel>(pieces_));
  }

 private:
  std::vector<std::string> pieces_;
};

Llm waiting_model(const std::string& name, std::vector<std::string> pieces) {
  Provider provider;
  provider.name = name;
  provider.base_url = "waiting://here";
  provider.protocols = {protocol("openai_chat")};
  provider.transport = [pieces](const Options&) -> Result<std::shared_ptr<Transport>> {
    return std::shared_ptr<Transport>(std::make_shared<WaitingTransport>(pieces));
  };
  register_provider(provider).value();
  return create_llm(name).value();
}

TEST(Async, ATransportThatCanOnlyWaitIsGivenAThread) {
  const std::string bytes = test::chat_stream({"a", "b"});
  const Llm whole = waiting_model("waiting", {bytes.substr(0, 50), bytes.substr(50)});
  for (int i = 0; i < 20; ++i) EXPECT_EQ(whole.generate_async("Hi").wait()->text, "ab");
  const Llm silent = waiting_model("silent", {bytes.substr(0, bytes.find("\n\n") + 2)});
  std::stop_source stop;
  auto cut = silent.generate_future("Hi", Options().stop_token(stop.get_token()));
  stop.request_stop();
  EXPECT_EQ(cut.get().error().kind, ErrorKind::cancelled);
  EXPECT_EQ(silent.generate_async("Hi", Options().timeout(std::chrono::milliseconds(20))).wait().error().kind,
            ErrorKind::timeout);
}

TEST(Async, ALimitOfConnectionsThatACallGivesHolds) {
  std::atomic<int> now = 0;
  std::atomic<int> most = 0;
  LoopbackServer server([&](LoopbackConnection& connection) {
    most = std::max(most.load(), ++now);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    --now;
    return answer(connection);
  });
  const Llm model = model_at(server);
  ASSERT_TRUE(model.generate_async("Hi").wait());
  const Options one = Options().max_connections_per_host(1);
  std::vector<std::future<Result<Response>>> answers;
  for (int i = 0; i < 10; ++i) answers.push_back(model.generate_future("Hi", one));
  for (auto& each : answers) EXPECT_EQ(each.get()->text, "Paris.");
  EXPECT_EQ(most, 1);
}

TEST(Async, ConnectionsThatNobodyUsesAreClosed) {
  LoopbackServer server(answer);
  const Llm model = model_at(server);
  std::vector<std::future<Result<Response>>> answers;
  for (int i = 0; i < 20; ++i) answers.push_back(model.generate_future("Hi"));
  for (auto& each : answers) ASSERT_TRUE(each.get());
  EXPECT_GT(server.open_connections(), 0);
  // What the loop does after a minute without transfers.
  Reactor::shared().post([] { CurlLoop::shared().close_idle_connections(); });
  server.wait_until_all_closed();
  EXPECT_EQ(model.generate_async("again").wait()->text, "Paris.");
}

TEST(Async, FewConnectionsOfBlockingCallsStayOpen) {
  constexpr int count = 40;
  Latch all_are_asking(count);
  LoopbackServer server([&](LoopbackConnection& connection) {
    all_are_asking.arrive();
    all_are_asking.wait();
    return answer(connection);
  });
  const Llm model = model_at(server);
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back([&] { EXPECT_EQ(model.generate("Hi")->text, "Paris."); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(server.connections(), count);
  while (server.open_connections() > 16) std::this_thread::yield();
}

TEST(Async, TheTwoWaysToReadAStreamDoNotMix) {
  LoopbackServer server(answer);
  const Llm model = model_at(server);
  Stream blocking = model.stream("Hi");
  ASSERT_TRUE(blocking.next());
  const auto once = [](Stream& stream) -> Task<Result<std::optional<StreamEvent>>> {
    auto event = co_await stream.next_async();
    co_return event;
  };
  EXPECT_EQ(sync_wait(once(blocking)).error().kind, ErrorKind::invalid_argument);
  EXPECT_TRUE(blocking.next());

  Stream asynchronous = model.stream("Hi");
  ASSERT_TRUE(sync_wait(once(asynchronous)));
  while (asynchronous.next().value().has_value()) {
  }
  EXPECT_EQ(asynchronous.response().text, "Paris.");
}

TEST(Async, TheLoopThreadRefusesToWaitForItself) {
  LoopbackServer server(answer);
  const Llm model = model_at(server);
  std::promise<ErrorKind> promise;
  model.generate_async(
      "Hi", {}, [&](const Result<Response>&) { promise.set_value(model.generate_async("again").wait().error().kind); });
  EXPECT_EQ(promise.get_future().get(), ErrorKind::invalid_argument);
}

}  // namespace
}  // namespace abstractllm
