// SPDX-License-Identifier: Apache-2.0
#include "hub/pull_meter.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "hub/hub_errors.hpp"
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

std::vector<std::int64_t> waits(const Error& error, int most) {
  FakeClock clock;
  const HubSettings settings;
  const HubHttp http(settings, nullptr, {}, clock);
  HubRetries retries(http, most);
  std::vector<std::int64_t> waited;
  for (TimePoint before = clock.now(); retries.again(error); before = clock.now())
    waited.push_back(std::chrono::duration_cast<milliseconds>(clock.now() - before).count());
  return waited;
}

TEST(HubRetries, WaitLongerEachTimeUpToEightSeconds) {
  using Waits = std::vector<std::int64_t>;
  EXPECT_EQ(waits({ErrorKind::network, "cut"}, 6), (Waits{1000, 2000, 4000, 8000, 8000, 8000}));
  EXPECT_EQ(waits({ErrorKind::not_found, "none"}, 6), Waits{});
  EXPECT_EQ(waits({ErrorKind::protocol, "wrong"}, 6), Waits{});
  Error busy(ErrorKind::rate_limited, "busy");
  busy.retry_after = milliseconds(3000);
  EXPECT_EQ(waits(busy, 2), (Waits{3000, 3000}));
  busy.retry_after = milliseconds(61'000);
  EXPECT_EQ(waits(busy, 2), Waits{});
}

TEST(HubRetries, BeginAnewAfterProgress) {
  FakeClock clock;
  const HubSettings settings;
  const HubHttp http(settings, nullptr, {}, clock);
  HubRetries retries(http, 1);
  const Error cut(ErrorKind::network, "cut");
  EXPECT_TRUE(retries.again(cut));
  EXPECT_FALSE(retries.again(cut));
  retries.reset();
  const TimePoint before = clock.now();
  EXPECT_TRUE(retries.again(cut));
  EXPECT_EQ(clock.now() - before, milliseconds(1000));
}

TEST(HubRetries, EndWithAStopRequest) {
  FakeClock clock;
  const HubSettings settings;
  std::stop_source stop;
  const HubHttp http(settings, nullptr, stop.get_token(), clock);
  HubRetries retries(http, 5);
  stop.request_stop();
  EXPECT_FALSE(retries.again({ErrorKind::network, "cut"}));
}

}  // namespace
}  // namespace abstractllm
