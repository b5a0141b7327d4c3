// SPDX-License-Identifier: Apache-2.0
#include "tools/tool_round.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <mutex>
#include <set>
#include <thread>

#include "support/scripted_transport.hpp"
#include "tools/tool_pool.hpp"

namespace abstractllm {
namespace {

using std::chrono::milliseconds;
using test::FakeClock;

Tool tool_of(Tool::Raw function) { return Tool::raw("t", "", R"({"type":"object"})", std::move(function)); }

std::shared_ptr<ToolRound> round_of(const Tool& tool, std::size_t calls, ToolLimits limits, Clock& clock,
                                    std::shared_ptr<ToolPlaces> places = nullptr) {
  ToolRound::Setup setup;
  for (std::size_t at = 0; at < calls; ++at) setup.calls.push_back({ToolCall(std::to_string(at), "t", "{}"), tool});
  setup.limits = limits;
  setup.places = places ? std::move(places) : std::make_shared<ToolPlaces>(limits.at_once);
  setup.conversation = std::make_shared<const std::vector<Message>>();
  return std::make_shared<ToolRound>(std::move(setup), clock);
}

std::vector<ToolOutcome> all_outcomes(ToolRound& round) {
  std::vector<ToolOutcome> all;
  while (!round.is_done()) {
    if (!round.has_outcomes()) {
      round.wait(TimePoint::max());
      continue;
    }
    for (ToolOutcome& outcome : round.take()) all.push_back(std::move(outcome));
  }
  return all;
}

TEST(ToolRound, CutsTheResultsOfARoundTogether) {
  FakeClock clock;
  ToolLimits limits;
  limits.at_once = 1;
  limits.round_bytes = 10;
  const auto round =
      round_of(tool_of([](const std::string&, ToolContext&) -> Result<std::string> { return std::string("äöü"); }), 3,
               limits, clock);
  round->run();
  const auto outcomes = all_outcomes(*round);
  ASSERT_EQ(outcomes.size(), 3u);
  const std::string sentence = "\n[The result was cut: the results of these calls together are longer than 10 bytes.]";
  EXPECT_EQ(outcomes[0].result.text, "äöü");
  EXPECT_TRUE(outcomes[0].warnings.empty());
  EXPECT_EQ(outcomes[1].result.text, "äö" + sentence);
  EXPECT_EQ(outcomes[2].result.text, sentence);
  ASSERT_EQ(outcomes[1].warnings.size(), 1u);
  EXPECT_EQ(outcomes[1].warnings[0].code, "tool_result_cut");
  EXPECT_EQ(outcomes[2].warnings, outcomes[1].warnings);
}

TEST(ToolRound, NeedsNoMoreThreadsThanPlaces) {
  FakeClock clock;
  std::mutex mutex;
  std::set<std::thread::id> threads;
  ToolLimits limits;
  limits.at_once = 3;
  const auto round = round_of(tool_of([&](const std::string&, ToolContext&) -> Result<std::string> {
                                const std::lock_guard lock(mutex);
                                threads.insert(std::this_thread::get_id());
                                return std::string("done");
                              }),
                              900, limits, clock);
  round->run();
  EXPECT_EQ(all_outcomes(*round).size(), 900u);
  const std::lock_guard lock(mutex);
  EXPECT_LE(threads.size(), 3u);
}

TEST(ToolRound, RunsTheFirstOfVeryManyCalls) {
  FakeClock clock;
  std::atomic<int> runs = 0;
  const auto round = round_of(tool_of([&](const std::string&, ToolContext&) -> Result<std::string> {
                                ++runs;
                                return std::string("done");
                              }),
                              1003, ToolLimits(), clock);
  round->run();
  const auto outcomes = all_outcomes(*round);
  ASSERT_EQ(outcomes.size(), 1003u);
  EXPECT_EQ(runs, 1000);
  std::vector<std::string> texts(outcomes.size());
  for (const ToolOutcome& outcome : outcomes) texts[outcome.index] = outcome.result.text;
  EXPECT_EQ(std::count(texts.begin(), texts.begin() + 1000, "done"), 1000);
  EXPECT_EQ(
      std::count(texts.begin() + 1000, texts.end(), "the call was not run: at most 1000 calls of one answer are run"),
      3);
}

TEST(ToolRound, GivesUpAToolThatTakesTooLongAndTellsIt) {
  FakeClock clock;
  std::promise<void> started;
  std::promise<void> told;
  std::promise<void> release;
  const auto round = round_of(tool_of([&](const std::string&, ToolContext& context) -> Result<std::string> {
                                const std::stop_callback tell(context.stop_token(), [&] { told.set_value(); });
                                started.set_value();
                                release.get_future().wait();
                                return std::string("too late");
                              }),
                              1, {milliseconds(1500), 8, 100}, clock);
  round->run();
  started.get_future().wait();
  clock.advance(milliseconds(1499));
  EXPECT_FALSE(round->has_outcomes());
  EXPECT_EQ(round->deadline(), clock.now() + milliseconds(1));
  clock.advance(milliseconds(1));
  ASSERT_TRUE(round->has_outcomes());
  told.get_future().wait();
  const auto outcomes = round->take();
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].result.text, "the tool took longer than 1.5 s (tool_timeout) and was given up");
  EXPECT_EQ(outcomes[0].result.duration, milliseconds(1500));
  EXPECT_TRUE(round->is_done());
  release.set_value();
  round->wait_for_tools(TimePoint::max() - std::chrono::hours(1));
  EXPECT_FALSE(round->has_outcomes());
}

TEST(ToolRound, RunsNoMoreThanItsPlaces) {
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  const auto round = round_of(tool_of([&](const std::string&, ToolContext&) -> Result<std::string> {
                                const int now = ++running;
                                for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) continue;
                                --running;
                                return std::string("x");
                              }),
                              500, {milliseconds(60'000), 3, 100}, Clock::system());
  round->run();
  EXPECT_EQ(all_outcomes(*round).size(), 500u);
  EXPECT_LE(most, 3);
}

TEST(ToolRound, StartsNoToolAfterAStop) {
  std::promise<void> started;
  std::promise<void> release;
  std::atomic<int> runs = 0;
  const auto round = round_of(tool_of([&](const std::string&, ToolContext&) -> Result<std::string> {
                                if (runs++ == 0) started.set_value();
                                release.get_future().wait();
                                return std::string("x");
                              }),
                              10, {milliseconds(60'000), 1, 100}, Clock::system());
  round->run();
  started.get_future().wait();
  round->stop();
  release.set_value();
  round->wait_for_tools(Clock::system().now() + std::chrono::minutes(1));
  EXPECT_EQ(runs, 1);
}

TEST(ToolRound, FreesThePlaceOfALateToolWhenItReturns) {
  FakeClock clock;
  const auto places = std::make_shared<ToolPlaces>(1);
  std::promise<void> started;
  std::promise<void> release;
  const auto first = round_of(tool_of([&](const std::string&, ToolContext&) -> Result<std::string> {
                                started.set_value();
                                release.get_future().wait();
                                return std::string("x");
                              }),
                              1, {milliseconds(10), 1, 100}, clock, places);
  first->run();
  started.get_future().wait();
  clock.advance(milliseconds(10));
  EXPECT_TRUE(first->has_outcomes());
  const Tool quick = tool_of([](const std::string&, ToolContext&) -> Result<std::string> { return std::string("y"); });
  const auto second = round_of(quick, 1, {milliseconds(10), 1, 100}, clock, places);
  second->run();
  ASSERT_TRUE(second->has_outcomes());
  EXPECT_TRUE(second->take().front().result.is_error);
  release.set_value();
  first->wait_for_tools(TimePoint::max() - std::chrono::hours(1));
  const auto third = round_of(quick, 1, {milliseconds(10), 1, 100}, clock, places);
  third->run();
  EXPECT_EQ(all_outcomes(*third).front().result.text, "y");
}

TEST(ToolPool, RunsEachJobOnceAndAtTheSameTimeAsOthers) {
  // All of them wait for each other, so each needs a thread of its own.
  constexpr int jobs = 40;
  std::atomic<int> arrived = 0;
  std::promise<void> all;
  std::promise<void> ended;
  std::atomic<int> done = 0;
  const std::shared_future<void> released = all.get_future().share();
  for (int at = 0; at < jobs; ++at)
    ToolPool::of_the_process().run([&, released] {
      if (++arrived == jobs) all.set_value();
      released.wait();
      if (++done == jobs) ended.set_value();
    });
  ended.get_future().wait();
  EXPECT_EQ(done, jobs);
}

}  // namespace
}  // namespace abstractllm
