// SPDX-License-Identifier: Apache-2.0
#include "base/reactor.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>

namespace abstractllm {
namespace {

using std::chrono::milliseconds;

/// Runs it on the reactor's thread and waits for it.
void on_loop(const std::function<void()>& what) {
  std::promise<void> done;
  ASSERT_TRUE(Reactor::shared().post([&] {
    what();
    done.set_value();
  }));
  done.get_future().get();
}

TEST(Reactor, RunsTasksOfAThreadInOrder) {
  std::vector<int> order;
  for (int i = 0; i < 1000; ++i) Reactor::shared().post([&order, i] { order.push_back(i); });
  on_loop([] {});
  ASSERT_EQ(order.size(), 1000U);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST(Reactor, KnowsItsThread) {
  EXPECT_FALSE(Reactor::shared().is_this_thread());
  on_loop([] { EXPECT_TRUE(Reactor::shared().is_this_thread()); });
}

TEST(Reactor, FiresTimersByTheirTime) {
  std::string fired;
  std::promise<void> last;
  std::vector<std::unique_ptr<Reactor::Timer>> timers;
  on_loop([&] {
    const TimePoint now = Clock::system().now();
    const auto add = [&](char name, int ms) {
      timers.push_back(std::make_unique<Reactor::Timer>(Reactor::shared(), [&, name] {
        fired += name;
        if (name == 'e') last.set_value();
      }));
      timers.back()->set(now + milliseconds(ms));
    };
    add('c', 6);
    add('a', 1);
    add('e', 20);
    add('b', 3);
    add('d', 9);
    add('x', 4);
    timers.back()->cancel();
    add('y', 5);
    timers.pop_back();
  });
  last.get_future().get();
  EXPECT_EQ(fired, "abcde");
  on_loop([&] { timers.clear(); });
}

TEST(Reactor, ATimerCanBeMovedBothWays) {
  std::string fired;
  std::promise<void> last;
  std::unique_ptr<Reactor::Timer> later;
  std::unique_ptr<Reactor::Timer> sooner;
  std::unique_ptr<Reactor::Timer> middle;
  on_loop([&] {
    const TimePoint now = Clock::system().now();
    later = std::make_unique<Reactor::Timer>(Reactor::shared(), [&] {
      fired += "later ";
      last.set_value();
    });
    sooner = std::make_unique<Reactor::Timer>(Reactor::shared(), [&] { fired += "sooner "; });
    middle = std::make_unique<Reactor::Timer>(Reactor::shared(), [&] { fired += "middle "; });
    later->set(now + milliseconds(1));
    later->set(now + milliseconds(20));
    middle->set(now + milliseconds(8));
    sooner->set(now + milliseconds(30));
    sooner->set(now + milliseconds(2));
  });
  last.get_future().get();
  EXPECT_EQ(fired, "sooner middle later ");
  on_loop([&] { later.reset(), sooner.reset(), middle.reset(); });
}

class Echo final : public Reactor::SocketHandler {
 public:
  explicit Echo(int expected) : expected_(expected) {}
  void on_ready(int socket, bool readable, bool) override {
    std::array<char, 16> bytes{};
    const ssize_t count = readable ? read(socket, bytes.data(), bytes.size()) : 0;
    if (count > 0) text.append(bytes.data(), static_cast<std::size_t>(count));
    if (static_cast<int>(text.size()) == expected_) whole.set_value();
  }
  std::string text;
  std::promise<void> whole;

 private:
  int expected_;
};

TEST(Reactor, WatchesSockets) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  Echo echo(6);
  on_loop([&] { Reactor::shared().watch(ends[0], true, false, echo); });
  ASSERT_EQ(write(ends[1], "abc", 3), 3);
  ASSERT_EQ(write(ends[1], "def", 3), 3);
  echo.whole.get_future().get();
  EXPECT_EQ(echo.text, "abcdef");
  on_loop([&] { Reactor::shared().forget(ends[0]); });
  ASSERT_EQ(write(ends[1], "ghi", 3), 3);
  on_loop([] {});
  on_loop([] {});
  EXPECT_EQ(echo.text, "abcdef");
  for (const int end : ends) close(end);
}

class Thrower final : public Reactor::SocketHandler {
 public:
  void on_ready(int socket, bool, bool) override {
    Reactor::shared().forget(socket);
    throw std::runtime_error("a socket");
  }
};

// An exception that leaves the loop's thread ends the process.
TEST(Reactor, OutlivesWhatIsThrown) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  ASSERT_EQ(write(ends[1], "a", 1), 1);
  Thrower thrower;
  std::promise<void> fired;
  std::unique_ptr<Reactor::Timer> timer;
  Reactor::shared().post([] { throw std::runtime_error("a task"); });
  Reactor::shared().post([] { throw 1; });
  on_loop([&] {
    Reactor::shared().watch(ends[0], true, false, thrower);
    timer = std::make_unique<Reactor::Timer>(Reactor::shared(), [&] {
      fired.set_value();
      throw std::runtime_error("a timer");
    });
    timer->set(Clock::system().now() + milliseconds(5));
  });
  fired.get_future().get();
  on_loop([&] { timer.reset(); });
  for (const int end : ends) close(end);
}

}  // namespace
}  // namespace abstractllm
