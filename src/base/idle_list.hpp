// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.hpp"

namespace abstractllm {

/// What is kept for its next use: few, and not for long. The one that was put in last is taken first. One thread at a
/// time.
template <class Thing>
class IdleList {
 public:
  IdleList(std::size_t most, std::chrono::seconds longest) : most_(most), longest_(longest) {}

  /// The latest one that is not too old. What is too old moves to `expired`.
  std::optional<Thing> take(TimePoint now, std::vector<Thing>& expired) {
    expire(now, expired);
    if (things_.empty()) return std::nullopt;
    Thing latest = std::move(things_.back().first);
    things_.pop_back();
    return latest;
  }

  /// What is too old, or one too many, moves to `expired`.
  void put(Thing thing, TimePoint now, std::vector<Thing>& expired) {
    things_.emplace_back(std::move(thing), now);
    expire(now, expired);
  }

 private:
  void expire(TimePoint now, std::vector<Thing>& expired) {
    while (!things_.empty() && (things_.size() > most_ || now - things_.front().second > longest_)) {
      expired.push_back(std::move(things_.front().first));
      things_.pop_front();
    }
  }

  std::size_t most_;
  std::chrono::seconds longest_;
  std::deque<std::pair<Thing, TimePoint>> things_;  // since when; the latest last
};

}  // namespace abstractllm
