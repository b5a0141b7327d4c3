// SPDX-License-Identifier: Apache-2.0
#include "base/machine.hpp"

#include <gtest/gtest.h>

namespace abstractllm {
namespace {

TEST(Machine, HasLessMemoryFreeThanThereIs) {
  EXPECT_GT(free_memory_of_this_machine(), 0);
  EXPECT_LT(free_memory_of_this_machine(), memory_of_this_machine());
}

}  // namespace
}  // namespace abstractllm
