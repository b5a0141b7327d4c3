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

/// The level of a record. At warn, each Warning makes a `warning` record, and each failed call makes its `response`
/// record. At info, each call makes one `request` and one `response` record, without the text of prompt and answer, and
/// one `retry` record for each attempt that is repeated, with the reason and `wait_ms`. At debug, `request_body` and
/// `response_body` records follow with the text. A call that fails before anything is sent has only a `response`. All
/// records of one call have the same number in the field `call`, which counts the calls of the process from 1.
/// Attachments and keys are never logged.
enum class LogLevel { trace, debug, info, warn, error, off };

/// Returns "trace", "debug", "info", "warn", "error" or "off".
ABSTRACTLLM_API std::string_view to_string(LogLevel level) noexcept;

/// One field of a record.
struct LogField {
  std::string name;
  std::variant<std::string, std::int64_t, double, bool> value;
};

/// One event.
struct LogRecord {
  LogLevel level = LogLevel::info;
  std::string event;    ///< a stable name: "request", "response", "load_progress", "engine", …
  std::string message;  ///< for people; empty if the fields say everything
  std::vector<LogField> fields;
  std::chrono::system_clock::time_point time{};  ///< time of the event; set when it is logged

  /// Returns the field of that name, or nullptr.
  ABSTRACTLLM_API const LogField* field(std::string_view name) const;
};

/// Returns `{"time": "2026-11-05T12:00:00.123Z", "event": …, "level": …, fields…}` on one line. The time is UTC, and
/// absent if it is not set.
ABSTRACTLLM_API std::string to_json(const LogRecord& record);

/// Writes records of this level and above to standard error. The default is the level in the variable ABSTRACTLLM_LOG,
/// otherwise off. Nothing is written to standard output. The function is thread-safe.
ABSTRACTLLM_API void configure_logging(LogLevel level);

/// Keeps a sink registered while this object exists. Move-only.
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

/// Calls `sink` with every record of `level` and above, on the thread of the event. The sink must be quick and
/// thread-safe, and must not call this library. Its exceptions are ignored. It is not called after the LogSink is
/// destroyed.
[[nodiscard]] ABSTRACTLLM_API LogSink add_log_sink(LogLevel level, std::function<void(const LogRecord&)> sink);

}  // namespace abstractllm
