// SPDX-License-Identifier: Apache-2.0
#include "base/process.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <thread>

namespace abstractllm {
namespace {

bool holds_in_a_child(const std::function<bool()>& condition) {
  const int child = fork();
  // Not _exit, because a sanitizer would report the parent's threads, which the child does not have.
  if (child == 0) syscall(SYS_exit_group, condition() ? 0 : 1);
  int status = -1;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(Process, ChangesItsGenerationByAFork) {
  const ProcessOwned owned;
  EXPECT_FALSE(owned.is_inherited());
  EXPECT_TRUE(holds_in_a_child([&] { return owned.is_inherited() && !ProcessOwned().is_inherited(); }));
  EXPECT_FALSE(owned.is_inherited());
}

TEST(Process, MakesOneOfAKindForEachProcess) {
  static constinit PerProcess<int> number;
  EXPECT_EQ(number.get_if(), nullptr);
  number.get() = 7;
  EXPECT_EQ(number.get(), 7);
  EXPECT_TRUE(holds_in_a_child([] {
    return number.get_if() == nullptr && *number.inherited() == 7 && number.get() == 0 && number.get_if() != nullptr;
  }));
  EXPECT_EQ(number.get(), 7);
}

TEST(Process, ClosesPrivateDescriptorsInAChild) {
  const int descriptor = open("/dev/null", O_RDONLY);
  ASSERT_TRUE(keep_from_children(descriptor));
  EXPECT_TRUE(holds_in_a_child([&] { return fcntl(descriptor, F_GETFD) == -1; }));
  EXPECT_NE(fcntl(descriptor, F_GETFD), -1);
  close_private(descriptor);
  EXPECT_EQ(fcntl(descriptor, F_GETFD), -1);
}

TEST(Process, ForksOnlyWhenNoOtherThreadHolds) {
  std::atomic<bool> holding = false;
  std::atomic<bool> changed = false;
  std::thread other([&] {
    const ForkHold hold;
    const ForkHold nested;
    holding = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    changed = true;
  });
  while (!holding) std::this_thread::yield();
  EXPECT_TRUE(holds_in_a_child([&] { return changed.load(); }));
  other.join();
}

TEST(Process, ForksUnderAHoldOfItsOwn) {
  const ForkHold hold;
  EXPECT_TRUE(holds_in_a_child([] {
    const ForkHold nested;
    return true;
  }));
}

}  // namespace
}  // namespace abstractllm
