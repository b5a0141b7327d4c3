// SPDX-License-Identifier: Apache-2.0
#include "hub/pull_meter.hpp"

namespace abstractllm {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds between_calls{100};
constexpr milliseconds measured{5000};

}  // namespace

void PullMeter::begin(std::string file, std::int64_t bytes_before) {
  last_.file = std::move(file);
  bytes_before_ = bytes_before;
  told_ = false;
  samples_.clear();
}

void PullMeter::count(PullProgress::Stage stage, std::int64_t bytes) {
  const TimePoint now = clock_.now();
  const bool whole = bytes_before_ + bytes == total_bytes_;
  if (stage != last_.stage) {
    told_ = false;
    samples_.clear();
  }
  if (told_ && !whole && now - told_at_ < between_calls) return;
  last_.stage = stage;
  last_.bytes = bytes_before_ + bytes;
  last_.total_bytes = total_bytes_;
  measure(last_, now);
  told_ = true;
  told_at_ = now;
  on_progress_(last_);
}

void PullMeter::measure(PullProgress& progress, TimePoint now) {
  samples_.emplace_back(now, progress.bytes);
  while (samples_.size() > 2 && now - samples_.front().first > measured) samples_.pop_front();
  const std::chrono::duration<double> passed = now - samples_.front().first;
  const auto came = static_cast<double>(progress.bytes - samples_.front().second);
  progress.bytes_per_second = passed.count() > 0 && came > 0 ? came / passed.count() : 0;
  progress.seconds_left.reset();
  if (progress.bytes_per_second > 0)
    progress.seconds_left = static_cast<double>(total_bytes_ - progress.bytes) / progress.bytes_per_second;
}

}  // namespace abstractllm
