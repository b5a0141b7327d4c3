// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <utility>

#include "abstractllm/hub.hpp"
#include "base/clock.hpp"

namespace abstractllm {

/// Turns counts of bytes into PullProgress. It adds up files, computes the speed of the last seconds, and limits how
/// often it calls.
class PullMeter {
 public:
  PullMeter(std::function<void(const PullProgress&)> on_progress, std::int64_t total_bytes, Clock& clock)
      : on_progress_(std::move(on_progress)), total_bytes_(total_bytes), clock_(clock) {}

  /// Starts the next file. `bytes` is the size of the earlier files.
  void begin(std::string file, std::int64_t bytes_before);
  /// Reports the bytes of the current file that are on this disk.
  void count(PullProgress::Stage stage, std::int64_t bytes);

 private:
  void measure(PullProgress& progress, TimePoint now);

  std::function<void(const PullProgress&)> on_progress_;
  std::int64_t total_bytes_;
  Clock& clock_;
  PullProgress last_;
  std::int64_t bytes_before_ = 0;
  bool told_ = false;  // whether the current file and stage were reported
  TimePoint told_at_;
  std::deque<std::pair<TimePoint, std::int64_t>> samples_;
};

}  // namespace abstractllm
