// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <stop_token>

namespace abstractllm {

using TimePoint = std::chrono::steady_clock::time_point;

/// 1.25 for 1,250 µs, as JSON and log records show times.
constexpr double in_milliseconds(std::chrono::microseconds time) { return static_cast<double>(time.count()) / 1000.0; }

/// A monotonic clock. Tests provide their own. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const = 0;
  /// Returns at `deadline`, or at once when `stop` is requested.
  virtual void sleep_until(TimePoint deadline, const std::stop_token& stop) = 0;

  /// The clock of the machine.
  static Clock& system();
};

}  // namespace abstractllm
