// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "abstractllm/batch.hpp"

namespace abstractllm::cli {

/// Shows the line "120 done, 3 failed, 850 tokens/s, 40 s left" on a terminal's standard error.
class BatchProgress {
 public:
  /// Shows nothing unless `wanted`. `input_bytes` is the size of the questions' file, or 0 if it is not known.
  BatchProgress(bool wanted, std::uintmax_t input_bytes);
  ~BatchProgress() { finish(); }
  BatchProgress(const BatchProgress&) = delete;
  BatchProgress& operator=(const BatchProgress&) = delete;

  /// Counts one more result. `bytes_before` is the size of the questions that an earlier run answered. `bytes_done` is
  /// what was read so far.
  void count(const Result<Response>& outcome, std::uintmax_t bytes_before, std::uintmax_t bytes_done);
  /// Erases the line.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;

  std::string line(double bytes_before, double bytes_done) const;
  void draw(std::string text);

  bool wanted_;
  std::uintmax_t input_bytes_;
  Clock::time_point started_ = Clock::now();
  Clock::time_point drawn_{};
  std::size_t done_ = 0;
  std::size_t failed_ = 0;
  std::int64_t tokens_ = 0;
  std::size_t drawn_columns_ = 0;
};

}  // namespace abstractllm::cli
