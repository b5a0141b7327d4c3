// SPDX-License-Identifier: Apache-2.0
//
// How asynchronous calls end: handles dropped, stops at any step, processes that exit and fork.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "support/async_calls.hpp"

namespace abstractllm {
namespace {

using test::answer;
using test::fall_silent;
using test::Latch;
using test::LoopbackConnection;
using test::LoopbackServer;
using test::model_at;
using test::stream_head;

Task<bool> takes_one(Stream& from) {
  auto event = co_await from.next_async();
  co_return event.has_value();
}

Task<std::string> ask(const Llm& asked, const char* prompt) {
  PendingResponse pending = asked.generate_async(prompt);
  auto outcome = co_await std::move(pending);
  co_return outcome->text;
}

Task<int> thrower() {
  throw std::runtime_error("out");
  co_return 1;
}

Task<int> outer() {
  Task<int> inner = thrower();
  const int value = co_await inner;
  co_return value;
}

Task<int> ready(int value) { co_return value; }

Task<long> sum_of_ready_tasks() {
  long sum = 0;
  for (int i = 0; i < 200'000; ++i) {
    Task<int> one = ready(i);
    sum += co_await one;
  }
  co_return sum;
}

TEST(AsyncLifetime, TheHandleMayGoWhileCallsRun) {
  LoopbackServer server(answer);
  auto model = std::make_unique<Llm>(model_at(server));
  auto future = model->generate_future("Hi");
  PendingResponse pending = model->generate_async("Hi");
  model.reset();
  EXPECT_EQ(future.get()->text, "Paris.");
  EXPECT_EQ(pending.wait()->text, "Paris.");
}

TEST(AsyncLifetime, DroppingClosesTheConnection) {
  std::promise<void> closed;
  LoopbackServer server([&](LoopbackConnection& connection) {
    connection.wait_closed();
    closed.set_value();
    return false;
  });
  { const PendingResponse dropped = model_at(server).generate_async("Hi"); }
  // Where it was dropped before it had connected, nobody comes.
  LoopbackServer second(fall_silent);
  Stream stream = model_at(second).stream("Hi");
  EXPECT_TRUE(sync_wait(takes_one(stream)));
  { const Stream gone = std::move(stream); }
  SUCCEED() << "the server's thread ends when its client goes, or this test hangs";
}

TEST(AsyncLifetime, AStopAtEachStepEndsInExactlyOneOutcome) {
  // The server waits a little at each step, so that the stops of many calls meet all of them.
  LoopbackServer server([](LoopbackConnection& connection) {
    std::this_thread::sleep_for(std::chrono::microseconds(200));
    const std::string stream = test::chat_stream({"a", "b", "c"});
    connection.send(stream_head);
    for (std::size_t at = 0; at < stream.size(); at += 60) {
      if (!connection.send(stream.substr(at, 60))) return false;
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    return false;
  });
  const Llm model = model_at(server);
  std::atomic<int> cancelled = 0;
  std::atomic<int> ended = 0;
  for (int i = 0; i < 200; ++i) {
    std::stop_source stop;
    std::promise<void> done;
    model.stream_async(
        "Hi", Options().stop_token(stop.get_token()), [](const StreamEvent&) {},
        [&](const Result<Response>& outcome) {
          ++(outcome ? ended : cancelled);
          if (!outcome) {
            EXPECT_EQ(outcome.error().kind, ErrorKind::cancelled) << outcome.error().message;
          }
          done.set_value();  // a second outcome would throw here
        });
    std::this_thread::sleep_for(std::chrono::microseconds(20 * i));
    stop.request_stop();
    stop.request_stop();
    done.get_future().get();
  }
  EXPECT_EQ(cancelled + ended, 200);
  EXPECT_GT(cancelled, 0);
}

TEST(AsyncLifetime, AwaitAfterStopGivesTheOutcomeAgainAndAgain) {
  LoopbackServer server(fall_silent);
  std::stop_source stop;
  PendingResponse pending = model_at(server).generate_async("Hi", Options().stop_token(stop.get_token()));
  stop.request_stop();
  EXPECT_EQ(pending.wait().error().kind, ErrorKind::cancelled);
  EXPECT_EQ(pending.wait().error().kind, ErrorKind::cancelled);
  std::stop_source before;
  before.request_stop();
  EXPECT_EQ(model_at(server).generate_async("Hi", Options().stop_token(before.get_token())).wait().error().kind,
            ErrorKind::cancelled);
}

TEST(AsyncLifetime, ACallbackMayDestroyWhatItsCallHangsOn) {
  LoopbackServer server(answer);
  auto model = std::make_shared<Llm>(model_at(server));
  auto other = std::make_shared<std::optional<PendingResponse>>(model->generate_async("Hi"));
  std::promise<void> done;
  model->stream_async(
      "Hi", {},
      [&, other](const StreamEvent&) {
        other->reset();
        model.reset();
      },
      [&](const Result<Response>& outcome) {
        EXPECT_TRUE(outcome);
        done.set_value();
      });
  done.get_future().get();
}

TEST(AsyncLifetime, ACallMayBeginInsideACallback) {
  LoopbackServer server(answer);
  const Llm model = model_at(server);
  std::promise<std::string> promise;
  model.generate_async("Hi", {}, [&](const Result<Response>&) {
    model.generate_async("Hi", {}, [&](const Result<Response>& second) { promise.set_value(second->text); });
  });
  EXPECT_EQ(promise.get_future().get(), "Paris.");
}

TEST(AsyncLifetime, WhenAllGivesTheirAnswersInOrder) {
  LoopbackServer server([](LoopbackConnection& connection) {
    const bool slow = connection.body().find("slow") != std::string::npos;
    if (slow) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return connection.send(test::http_answer(test::chat_body(slow ? "slow" : "fast"), "application/json"));
  });
  const Llm model = model_at(server);
  std::vector<Task<std::string>> tasks;
  tasks.push_back(ask(model, "slow"));
  tasks.push_back(ask(model, "fast"));
  tasks.push_back(ask(model, "slow"));
  EXPECT_EQ(sync_wait(when_all(std::move(tasks))), (std::vector<std::string>{"slow", "fast", "slow"}));
  EXPECT_TRUE(sync_wait(when_all(std::vector<Task<int>>())).empty());
}

TEST(AsyncLifetime, TaskHandsOnWhatItsCoroutineThrew) { EXPECT_THROW(sync_wait(outer()), std::runtime_error); }

TEST(AsyncLifetime, ALongLoopOfReadyTasksNeedsNoStack) {
  EXPECT_EQ(sync_wait(sum_of_ready_tasks()), 199'999L * 200'000 / 2);
}

// ---- the process: these run before the others, when the loop has not begun

std::atomic<int> cancelled_at_exit = 0;

[[noreturn]] void exit_with_calls_in_flight() {
  static auto* server = new LoopbackServer(fall_silent);
  // Registered before the loop begins, so it runs after the loop has stopped.
  std::atexit([] {
    delete server;
    if (cancelled_at_exit != 20) std::_Exit(3);
  });
  const Llm model = model_at(*server);
  Latch first(20);
  for (int i = 0; i < 20; ++i) {
    model.stream_async(
        "Hi", {}, [&](const StreamEvent&) { first.arrive(); },
        [](const Result<Response>& outcome) {
          cancelled_at_exit += outcome.error().kind == ErrorKind::cancelled && outcome.error().partial->text == "one ";
        });
  }
  first.wait();
  std::exit(0);
}

TEST(AsyncProcessDeathTest, EndsItsCallsOnceWhenTheProcessExits) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(exit_with_calls_in_flight(), testing::ExitedWithCode(0), "^$");
}

[[noreturn]] void ask_in_a_forked_child() {
  const pid_t child = fork();
  bool right = false;
  {
    LoopbackServer server(answer);
    right = model_at(server).generate_async("Hi").wait()->text == "Paris.";
  }
  if (child == 0) std::_Exit(right ? 0 : 3);
  int status = 0;
  waitpid(child, &status, 0);
  std::_Exit(right && WIFEXITED(status) ? WEXITSTATUS(status) : 4);
}

TEST(AsyncProcessDeathTest, WorksInAChildThatWasForkedBeforeTheFirstCall) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(ask_in_a_forked_child(), testing::ExitedWithCode(0), "^$");
}

}  // namespace
}  // namespace abstractllm
