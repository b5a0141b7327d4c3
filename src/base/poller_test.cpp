// SPDX-License-Identifier: Apache-2.0
#include "base/poller.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace abstractllm {
namespace {

using namespace std::chrono_literals;

std::array<int, 2> connected_pair() {
  std::array<int, 2> pair{};
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()), 0);
  return pair;
}

// A child process that was forked while a connection was being opened has a copy of its socket. This copy stands for
// it.
TEST(Poller, DoesNotSpinOverASocketThatWasClosedHereAndLivesOnElsewhere) {
  Poller poller;
  const auto pair = connected_pair();
  poller.watch(pair[0], false, true);
  ASSERT_EQ(poller.wait(1s).size(), 1u);
  const int copy = dup(pair[0]);
  close(pair[0]);  // before forget(), as libcurl 7.88 does
  poller.forget(pair[0]);
  EXPECT_TRUE(poller.wait(1ms).empty());
  const auto began = std::chrono::steady_clock::now();
  EXPECT_TRUE(poller.wait(30ms).empty());
  EXPECT_GE(std::chrono::steady_clock::now() - began, 29ms);
  close(copy);
  close(pair[1]);
}

TEST(Poller, TellsASocketFromAnEarlierOneWithItsNumber) {
  Poller poller;
  const auto first = connected_pair();
  poller.watch(first[0], false, true);
  const int copy = dup(first[0]);
  close(first[0]);
  const auto second = connected_pair();
  ASSERT_EQ(second[0], first[0]);
  poller.watch(second[0], true, false);  // nothing to read, but the earlier one can be written
  EXPECT_TRUE(poller.wait(1ms).empty());
  EXPECT_TRUE(poller.wait(1ms).empty());
  ASSERT_EQ(write(second[1], "x", 1), 1);
  const auto ready = poller.wait(1s);
  ASSERT_EQ(ready.size(), 1u);
  EXPECT_TRUE(ready[0].readable);
  for (const int each : {copy, first[1], second[0], second[1]}) close(each);
}

TEST(Poller, KeepsWhatItWatchesWhenItStartsAnew) {
  Poller poller;
  const auto closed = connected_pair();
  const auto kept = connected_pair();
  poller.watch(closed[0], false, true);
  poller.watch(kept[0], true, false);
  const int copy = dup(closed[0]);
  close(closed[0]);
  poller.forget(closed[0]);
  EXPECT_TRUE(poller.wait(1ms).empty());
  ASSERT_EQ(write(kept[1], "x", 1), 1);
  const auto ready = poller.wait(1s);
  ASSERT_EQ(ready.size(), 1u);
  EXPECT_EQ(ready[0].socket, kept[0]);
  poller.wake();
  for (const int each : {copy, closed[1], kept[0], kept[1]}) close(each);
}

}  // namespace
}  // namespace abstractllm
