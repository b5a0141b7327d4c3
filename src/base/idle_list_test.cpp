// SPDX-License-Identifier: Apache-2.0
#include "base/idle_list.hpp"

#include <gtest/gtest.h>

namespace abstractllm {
namespace {

using std::chrono::seconds;

class IdleListTest : public testing::Test {
 protected:
  IdleList<int> list{3, seconds(60)};
  TimePoint now = TimePoint(seconds(1000));
  std::vector<int> expired;
};

TEST_F(IdleListTest, GivesTheLatestFirst) {
  for (int i : {1, 2, 3}) list.put(i, now, expired);
  EXPECT_EQ(list.take(now, expired), 3);
  EXPECT_EQ(list.take(now, expired), 2);
  EXPECT_EQ(list.take(now, expired), 1);
  EXPECT_EQ(list.take(now, expired), std::nullopt);
  EXPECT_TRUE(expired.empty());
}

TEST_F(IdleListTest, KeepsFew) {
  for (int i = 0; i < 10; ++i) list.put(i, now, expired);
  EXPECT_EQ(expired, (std::vector<int>{0, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(list.take(now, expired), 9);
}

TEST_F(IdleListTest, KeepsNothingForLong) {
  list.put(1, now, expired);
  list.put(2, now + seconds(40), expired);
  EXPECT_EQ(list.take(now + seconds(61), expired), 2);
  EXPECT_EQ(expired, std::vector<int>{1});
  list.put(3, now + seconds(61), expired);
  EXPECT_EQ(list.take(now + seconds(500), expired), std::nullopt);
  EXPECT_EQ(expired, (std::vector<int>{1, 3}));
}

}  // namespace
}  // namespace abstractllm
