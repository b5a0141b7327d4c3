// SPDX-License-Identifier: Apache-2.0
#include "base/log.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <type_traits>

namespace abstractllm {
namespace {

LogRecord record(LogLevel level, std::string event) { return {level, std::move(event), "", {}}; }

using namespace std::chrono;
constexpr system_clock::time_point noon =
    sys_days(year(2026) / 11 / 5) + duration_cast<system_clock::duration>(hours(12) + milliseconds(7));

TEST(Log, IsSilentByDefault) {
  ::testing::internal::CaptureStderr();
  ::testing::internal::CaptureStdout();
  log(record(LogLevel::error, "request"));
  EXPECT_FALSE(log_enabled(LogLevel::error));
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
}

TEST(Log, GivesASinkTheRecordsOfItsLevelAndAbove) {
  std::vector<std::string> seen;
  LogSink sink = add_log_sink(LogLevel::info, [&](const LogRecord& r) { seen.push_back(r.event); });
  log(record(LogLevel::debug, "too low"));
  log(record(LogLevel::info, "a"));
  log(record(LogLevel::error, "b"));
  EXPECT_EQ(seen, (std::vector<std::string>{"a", "b"}));
}

TEST(Log, StopsCallingASinkThatIsGone) {
  int calls = 0;
  {
    LogSink sink = add_log_sink(LogLevel::trace, [&](const LogRecord&) { ++calls; });
  }
  log(record(LogLevel::error, "late"));
  EXPECT_EQ(calls, 0);
  EXPECT_FALSE(log_enabled(LogLevel::error));
}

TEST(Log, SurvivesASinkThatThrows) {
  int calls = 0;
  LogSink bad = add_log_sink(LogLevel::info, [](const LogRecord&) { throw std::runtime_error("mine"); });
  LogSink good = add_log_sink(LogLevel::info, [&](const LogRecord&) { ++calls; });
  log(record(LogLevel::info, "a"));
  EXPECT_EQ(calls, 1);
}

TEST(Log, WritesToStandardErrorOnlyWhenAsked) {
  ::testing::internal::CaptureStderr();
  ::testing::internal::CaptureStdout();
  configure_logging(LogLevel::info);
  log({LogLevel::info, "request", "", {{"model", std::string("m")}, {"tokens", std::int64_t{3}}}});
  log(record(LogLevel::debug, "hidden"));
  configure_logging(LogLevel::off);
  const std::string error = ::testing::internal::GetCapturedStderr();
  EXPECT_TRUE(error.starts_with("abstractllm info {\"time\":\"20")) << error;
  EXPECT_NE(error.find(R"(Z","event":"request","level":"info","model":"m","tokens":3})"), std::string::npos) << error;
  EXPECT_EQ(error.find("hidden"), std::string::npos);
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
}

TEST(Log, GivesARecordTheTimeWhenItIsLogged) {
  const auto before = system_clock::now();
  std::vector<LogRecord> seen;
  LogSink sink = add_log_sink(LogLevel::info, [&](const LogRecord& r) { seen.push_back(r); });
  log(record(LogLevel::info, "a"));
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_GE(seen[0].time, before);
  EXPECT_LE(seen[0].time, system_clock::now());
}

TEST(Log, WritesTimesInUtc) {
  EXPECT_EQ(to_json(LogRecord{LogLevel::info, "request", "", {{"model", std::string("m")}}, noon}),
            R"({"time":"2026-11-05T12:00:00.007Z","event":"request","level":"info","model":"m"})");
}

TEST(Log, KeepsASinkInOneHand) {
  static_assert(!std::is_copy_constructible_v<LogSink> && !std::is_copy_assignable_v<LogSink>);
  int calls = 0;
  LogSink sink = add_log_sink(LogLevel::info, [&](const LogRecord&) { ++calls; });
  LogSink other = std::move(sink);
  log(record(LogLevel::info, "a"));
  EXPECT_EQ(calls, 1);
  other = LogSink();
  log(record(LogLevel::info, "b"));
  EXPECT_EQ(calls, 1);
}

TEST(Log, KeepsARecordOnOneLineForEveryReader) {
  EXPECT_EQ(to_json(LogRecord{
                LogLevel::warn, "e", "a\x7f\xc2\x85\xc2\x9f\xc2\xa0\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa\n", {}}),
            "{\"event\":\"e\",\"level\":\"warn\",\"message\":"
            "\"a\\u007f\\u0085\\u009f\xc2\xa0\\u2028\\u2029\xe2\x80\xaa\\n\"}");
}

TEST(Log, ReplacesInvalidUtf8InJson) {
  EXPECT_EQ(to_json(LogRecord{LogLevel::warn, "engine", "a\xff", {}}),
            "{\"event\":\"engine\",\"level\":\"warn\",\"message\":\"a\xef\xbf\xbd\"}");
}

}  // namespace
}  // namespace abstractllm
