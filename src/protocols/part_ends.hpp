// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "abstractllm/provider.hpp"

namespace abstractllm {

/// Handles the ends of parts that a reader makes, so that no protocol has to. It holds each one back until an event
/// comes that is delivered, and limits the provider data of an answer.
class PartEnds {
 public:
  /// Provider data above this size, in bytes of one answer, is dropped with one Warning "reasoning_dropped".
  static constexpr std::size_t most_provider_bytes = std::size_t{8} << 20U;
  /// The same holds for provider data with more levels, because no request could carry it back.
  static constexpr std::size_t most_provider_levels = 190;

  /// Rewrites the events from index `first` on. It takes linear time in the events of the answer.
  void settle(std::size_t first, Decoded& out);

 private:
  bool limit(StreamEvent& event);

  std::vector<StreamEvent> held_;
  std::size_t provider_bytes_ = 0;
  bool warned_ = false;
};

}  // namespace abstractllm
