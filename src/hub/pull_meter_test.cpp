// SPDX-License-Identifier: Apache-2.0
#include "hub/pull_meter.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "support/scripted_transport.hpp"

namespace abstractllm {
namespace {

using std::chrono::milliseconds;
using Stage = PullProgress::Stage;

using test::FakeClock;

TEST(PullMeter, KnowsSpeedAndTimeLeftOfAllFilesTogether) {
  FakeClock clock;
  std::vector<PullProgress> told;
  PullMeter meter([&](const PullProgress& progress) { told.push_back(progress); }, 1000, clock);
  meter.begin("one", 0);
  meter.count(Stage::downloading, 0);
  EXPECT_EQ(told.back().bytes_per_second, 0);
  EXPECT_FALSE(told.back().seconds_left);
  clock.advance(milliseconds(1000));
  meter.count(Stage::downloading, 100);
  EXPECT_DOUBLE_EQ(told.back().bytes_per_second, 100);
  EXPECT_DOUBLE_EQ(*told.back().seconds_left, 9);
  meter.begin("two", 600);
  clock.advance(milliseconds(1000));
  meter.count(Stage::downloading, 0);
  clock.advance(milliseconds(1000));
  meter.count(Stage::downloading, 200);
  EXPECT_EQ(told.back().file, "two");
  EXPECT_EQ(told.back().bytes, 800);
  EXPECT_DOUBLE_EQ(*told.back().seconds_left, 1);
}

TEST(PullMeter, ForgetsWhatIsLongAgo) {
  FakeClock clock;
  PullProgress last;
  PullMeter meter([&](const PullProgress& progress) { last = progress; }, 1'000'000, clock);
  meter.begin("one", 0);
  std::int64_t bytes = 0;
  for (int second = 0; second < 60; ++second, clock.advance(milliseconds(1000)))
    meter.count(Stage::downloading, bytes += second < 30 ? 1000 : 10);
  EXPECT_NEAR(last.bytes_per_second, 10, 0.01);
}

TEST(PullMeter, SpeaksTenTimesASecondAndAtTheEnd) {
  FakeClock clock;
  int told = 0;
  PullMeter meter([&](const PullProgress&) { ++told; }, 1001, clock);
  meter.begin("one", 0);
  for (int bytes = 0; bytes < 1000; ++bytes, clock.advance(milliseconds(1))) meter.count(Stage::downloading, bytes);
  EXPECT_EQ(told, 10);
  meter.count(Stage::downloading, 1001);
  EXPECT_EQ(told, 11);
  meter.begin("two", 0);
  meter.count(Stage::waiting, 0);
  meter.count(Stage::downloading, 0);
  EXPECT_EQ(told, 13);
}

}  // namespace
}  // namespace abstractllm
