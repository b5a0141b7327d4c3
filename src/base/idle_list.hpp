// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.hpp"

namespace abstractllm {

/// Keeps a few things for reuse for a short time. The last one that was added is taken first. One thread at a time.
template <class Thing>
class IdleList {
 public:
  IdleList(std::size_t most, std::chrono::seconds longest) : most_(most), longest_(longest) {}

  /// Takes the latest thing that is not too old. Things that are too old move to `expired`.
  std::optional<Thing> take(TimePoint now, std::vector<Thing>& expired) {
    expire(now, expired);
    if (things_.empty()) return std::nullopt;
    Thing latest = std::move(things_.back().first);
    things_.pop_back();
    return latest;
  }

  /// Things that are too old or too many move to `expired`.
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
  std::deque<std::pair<Thing, TimePoint>> things_;  // with the time when it was added; the latest is last
};

}  // namespace abstractllm
