// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <utility>

#include "abstractllm/hub.hpp"
#include "base/clock.hpp"

namespace abstractllm {

/// Turns counts of bytes into PullProgress: adds files up, knows the speed of the last seconds, and does not call more
/// often than anybody can see.
class PullMeter {
 public:
  PullMeter(std::function<void(const PullProgress&)> on_progress, std::int64_t total_bytes, Clock& clock)
      : on_progress_(std::move(on_progress)), total_bytes_(total_bytes), clock_(clock) {}

  /// The next file; `bytes` of files before it are there.
  void begin(std::string file, std::int64_t bytes_before);
  /// So much of the present file is there.
  void count(PullProgress::Stage stage, std::int64_t bytes);

 private:
  void measure(PullProgress& progress, TimePoint now);

  std::function<void(const PullProgress&)> on_progress_;
  std::int64_t total_bytes_;
  Clock& clock_;
  PullProgress last_;
  std::int64_t bytes_before_ = 0;
  bool told_ = false;  // of the present file and stage
  TimePoint told_at_;
  std::deque<std::pair<TimePoint, std::int64_t>> samples_;
};

}  // namespace abstractllm
