// SPDX-License-Identifier: Apache-2.0
#include "base/observers.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <future>
#include <stdexcept>
#include <string>

namespace abstractllm {
namespace {

using namespace std::chrono_literals;

void nobody_throws() { ADD_FAILURE() << "an observer threw"; }

TEST(Observers, AreAllToldInTheirOrder) {
  Observers<int> observers;
  std::string told;
  const auto a = observers.add([&](int n) { told += "a" + std::to_string(n); });
  auto b = observers.add([&](int n) { told += "b" + std::to_string(n); });
  observers.tell(1, nobody_throws);
  b.reset();
  observers.tell(2, nobody_throws);
  EXPECT_EQ(told, "a1b1a2");
}

TEST(Observers, AreToldUntilTheLastCopyIsGone) {
  Observers<int> observers;
  int calls = 0;
  auto one = observers.add([&](int) { ++calls; });
  auto other = one;
  one.reset();
  observers.tell(1, nobody_throws);
  EXPECT_EQ(calls, 1);
  other.reset();
  observers.tell(1, nobody_throws);
  EXPECT_EQ(calls, 1);
}

TEST(Observers, MayDropThemselvesAndOthers) {
  Observers<int> observers;
  int calls = 0;
  std::shared_ptr<void> second;
  std::shared_ptr<void> first = observers.add([&](int) {
    ++calls;
    second.reset();
    first.reset();
  });
  second = observers.add([&](int) { calls += 100; });
  observers.tell(1, nobody_throws);
  observers.tell(2, nobody_throws);
  EXPECT_EQ(calls, 1);
}

TEST(Observers, AreDroppedOnceTheirCallHasEnded) {
  Observers<int> observers;
  std::promise<void> called;
  std::promise<void> released;
  std::atomic<bool> ended = false;
  auto observer = observers.add([&](int) {
    called.set_value();
    released.get_future().wait();
    ended = true;
  });
  auto telling = std::async(std::launch::async, [&] { observers.tell(1, nobody_throws); });
  called.get_future().wait();
  auto dropping = std::async(std::launch::async, [&] {
    observer.reset();
    return ended.load();
  });
  EXPECT_EQ(dropping.wait_for(30ms), std::future_status::timeout);
  released.set_value();
  EXPECT_TRUE(dropping.get());
  telling.get();
}

TEST(Observers, ThatThrowDoNotKeepOthersFromBeingTold) {
  Observers<int> observers;
  int calls = 0;
  std::string thrown;
  const auto bad = observers.add([](int) { throw std::runtime_error("bad"); });
  const auto good = observers.add([&](int) { ++calls; });
  observers.tell(1, [&] {
    try {
      throw;
    } catch (const std::exception& exception) {
      thrown = exception.what();
    }
  });
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(thrown, "bad");
}

TEST(Observers, MayOutliveTheirList) {
  int calls = 0;
  std::shared_ptr<void> observer;
  {
    Observers<int> observers;
    observer = observers.add([&](int) { ++calls; });
    observers.tell(1, nobody_throws);
  }
  observer.reset();
  EXPECT_EQ(calls, 1);
}

TEST(Observers, OfAForkedChildWaitForNoCallOfTheParent) {
  Observers<int> observers;
  std::promise<void> called;
  std::promise<void> released;
  int calls = 0;
  auto observer = observers.add([&](int n) {
    ++calls;
    if (n == 2) return;
    called.set_value();
    released.get_future().wait();
  });
  auto telling = std::async(std::launch::async, [&] { observers.tell(1, nobody_throws); });
  called.get_future().wait();
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    alarm(20);
    observers.tell(2, nobody_throws);
    observer.reset();
    observers.tell(2, nobody_throws);
    _exit(calls);
  }
  int status = 0;
  waitpid(child, &status, 0);
  released.set_value();
  telling.get();
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 2);
}

}  // namespace
}  // namespace abstractllm
