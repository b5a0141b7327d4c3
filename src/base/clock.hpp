// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <stop_token>

namespace abstractllm {

using TimePoint = std::chrono::steady_clock::time_point;

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
