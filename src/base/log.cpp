// SPDX-License-Identifier: Apache-2.0
#include "base/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <nlohmann/json.hpp>
#include <shared_mutex>

#include "base/environment.hpp"
#include "base/process.hpp"

namespace abstractllm {
namespace {

constexpr std::array<std::string_view, 6> level_names = {"trace", "debug", "info", "warn", "error", "off"};

LogLevel level_from_environment() {
  const auto name = environment("ABSTRACTLLM_LOG");
  if (!name) return LogLevel::off;
  const auto found = std::find(level_names.begin(), level_names.end(), *name);
  // A word that is not a level still means that the user wants to see something.
  return found == level_names.end() ? LogLevel::info : static_cast<LogLevel>(found - level_names.begin());
}

/// "2026-11-05T12:00:00.123Z"
std::string utc(std::chrono::system_clock::time_point time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(floor<milliseconds>(time - day));
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return text.data();
}

}  // namespace

class LogSink::Registration {
 public:
  Registration(LogLevel level, std::function<void(const LogRecord&)> sink) : level_(level), sink_(std::move(sink)) {}
  ~Registration();
  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;

  LogLevel level() const { return level_; }
  void deliver(const LogRecord& record) const {
    if (record.level >= level_) sink_(record);
  }

 private:
  LogLevel level_;
  std::function<void(const LogRecord&)> sink_;
};

namespace {

class Log {
 public:
  // Leaked on purpose: threads of the engine may still log while static objects are destroyed.
  static Log& instance() {
    static Log* log = new Log;
    return *log;
  }

  bool enabled(LogLevel level) const noexcept { return level >= threshold_.load(std::memory_order_relaxed); }

  void set_stderr_level(LogLevel level) {
    const ForkHold hold;
    std::unique_lock lock(mutex_);
    stderr_level_ = level;
    if (level != LogLevel::off && !logger_) {
      logger_ = std::make_shared<spdlog::logger>("abstractllm", std::make_shared<spdlog::sinks::stderr_sink_mt>());
      logger_->set_pattern("abstractllm %l %v");
      logger_->set_level(spdlog::level::trace);
    }
    update_threshold();
  }

  void add(LogSink::Registration* sink) {
    const ForkHold hold;
    std::unique_lock lock(mutex_);
    sinks_.push_back(sink);
    update_threshold();
  }

  void remove(LogSink::Registration* sink) {
    const ForkHold hold;
    std::unique_lock lock(mutex_);
    std::erase(sinks_, sink);
    update_threshold();
  }

  void deliver(const LogRecord& record) noexcept {
    const ForkHold hold;
    std::shared_lock lock(mutex_);
    if (record.level >= stderr_level_) write_to_stderr(record);
    for (const LogSink::Registration* sink : sinks_) {
      try {
        sink->deliver(record);
      } catch (...) {  // NOLINT(bugprone-empty-catch): the contract of add_log_sink; a log has nowhere to report to
      }
    }
  }

 private:
  Log() { set_stderr_level(level_from_environment()); }

  void write_to_stderr(const LogRecord& record) noexcept {
    try {
      logger_->log(static_cast<spdlog::level::level_enum>(record.level), to_json(record));
    } catch (...) {  // NOLINT(bugprone-empty-catch): standard error itself failed
    }
  }

  void update_threshold() {
    LogLevel lowest = stderr_level_;
    for (const LogSink::Registration* sink : sinks_) lowest = std::min(lowest, sink->level());
    threshold_.store(lowest, std::memory_order_relaxed);
  }

  std::atomic<LogLevel> threshold_{LogLevel::off};
  std::shared_mutex mutex_;
  LogLevel stderr_level_ = LogLevel::off;
  std::shared_ptr<spdlog::logger> logger_;
  std::vector<LogSink::Registration*> sinks_;
};

static_assert(static_cast<int>(LogLevel::warn) == static_cast<int>(spdlog::level::warn));

}  // namespace

LogSink::Registration::~Registration() { Log::instance().remove(this); }

bool log_enabled(LogLevel level) noexcept { return level != LogLevel::off && Log::instance().enabled(level); }

void log(LogRecord record) noexcept {
  if (!log_enabled(record.level)) return;
  record.time = std::chrono::system_clock::now();
  Log::instance().deliver(record);
}

void configure_logging(LogLevel level) { Log::instance().set_stderr_level(level); }

LogSink add_log_sink(LogLevel level, std::function<void(const LogRecord&)> sink) {
  auto registration = std::make_shared<LogSink::Registration>(level, std::move(sink));
  Log::instance().add(registration.get());
  return LogSink(std::move(registration));
}

std::string_view to_string(LogLevel level) noexcept { return level_names[static_cast<std::size_t>(level)]; }

const LogField* LogRecord::field(std::string_view name) const {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const LogField& f) { return f.name == name; });
  return found == fields.end() ? nullptr : &*found;
}

namespace {

/// DEL, the control characters above it, and Unicode's own line ends: some readers end a line or a colour at them.
std::string with_escapes(const std::string& json) {
  std::string text;
  for (std::size_t at = 0; at < json.size(); ++at) {
    const auto byte = [&](std::size_t offset) {
      return at + offset < json.size() ? static_cast<unsigned char>(json[at + offset]) : 0U;
    };
    if (byte(0) == 0x7f) {
      text += "\\u007f";
    } else if (byte(0) == 0xc2 && byte(1) < 0xa0) {
      text += "\\u00";
      text += byte(1) < 0x90 ? '8' : '9';
      text += "0123456789abcdef"[byte(1) % 16];
      ++at;
    } else if (byte(0) == 0xe2 && byte(1) == 0x80 && (byte(2) == 0xa8 || byte(2) == 0xa9)) {
      text += byte(2) == 0xa8 ? "\\u2028" : "\\u2029";
      at += 2;
    } else {
      text += json[at];
    }
  }
  return text;
}

}  // namespace

std::string to_json(const LogRecord& record) {
  nlohmann::ordered_json json;
  if (record.time != decltype(record.time)()) json["time"] = utc(record.time);
  json["event"] = record.event;
  json["level"] = to_string(record.level);
  if (!record.message.empty()) json["message"] = record.message;
  for (const LogField& field : record.fields)
    std::visit([&](const auto& value) { json[field.name] = value; }, field.value);
  return with_escapes(json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

}  // namespace abstractllm
