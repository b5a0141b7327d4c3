// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "abstractllm/export.hpp"
#include "abstractllm/result.hpp"

namespace abstractllm {

/// How much is logged. At info a call gives one `request` and one `response` record without prompt or answer text;
/// at debug `request_body` and `response_body` follow them with it, and each Warning gives a `warning` record. A call
/// that fails before anything is sent has only a `response`. All records of one call have the same number in the field
/// `call`, which counts the calls of the process from 1. Images and keys never appear.
enum class LogLevel { trace, debug, info, warn, error, off };

/// "trace" … "off"
ABSTRACTLLM_API std::string_view to_string(LogLevel level) noexcept;

/// One field of a record.
struct LogField {
  std::string name;
  std::variant<std::string, std::int64_t, double, bool> value;
};

/// One thing that happened.
struct LogRecord {
  LogLevel level = LogLevel::info;
  std::string event;    ///< "request", "response", "load_progress", "engine", …: stable words
  std::string message;  ///< for people; may be empty where the fields say it all
  std::vector<LogField> fields;
  std::chrono::system_clock::time_point time{};  ///< when it happened; set as it is logged

  /// The field of that name, or nullptr.
  ABSTRACTLLM_API const LogField* field(std::string_view name) const;
};

/// `{"time": "2026-11-05T12:00:00.123Z", "event": …, "level": …, fields…}` on one line; the time is UTC, and absent
/// where it is not set.
ABSTRACTLLM_API std::string to_json(const LogRecord& record);

/// Sends records of this level and above to standard error. Off by default, or what the variable ABSTRACTLLM_LOG says
/// (a level's name). Never writes to standard output. Thread-safe.
ABSTRACTLLM_API void configure_logging(LogLevel level);

/// A sink that stays registered as long as this object lives. Move-only.
class ABSTRACTLLM_API LogSink {
 public:
  LogSink() = default;
  LogSink(LogSink&&) noexcept = default;
  LogSink& operator=(LogSink&&) noexcept = default;
  class Registration;
  explicit LogSink(std::shared_ptr<Registration> registration) : registration_(std::move(registration)) {}

 private:
  std::shared_ptr<Registration> registration_;
};

/// Calls `sink` with every record of `level` and above, on the thread where it happens; it must be quick and
/// thread-safe and must not call this library. What it throws is dropped. After the LogSink is gone the sink is not
/// called again.
[[nodiscard]] ABSTRACTLLM_API LogSink add_log_sink(LogLevel level, std::function<void(const LogRecord&)> sink);

}  // namespace abstractllm
