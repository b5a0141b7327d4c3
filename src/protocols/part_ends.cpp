// SPDX-License-Identifier: Apache-2.0
#include "protocols/part_ends.hpp"

#include <algorithm>
#include <iterator>

namespace abstractllm {
namespace {

bool is_end(const StreamEvent& event) { return std::holds_alternative<PartEnded>(event); }

}  // namespace

/// Returns whether something was dropped for the first time.
bool PartEnds::limit(StreamEvent& event) {
  auto* const ended = std::get_if<PartEnded>(&event);
  auto* const call = std::get_if<ToolCall>(&event);
  const std::size_t bytes = ended ? ended->provider_json.size() : call ? call->provider_data.json().size() : 0;
  if (bytes == 0) return false;
  provider_bytes_ += bytes;
  if (provider_bytes_ <= most_provider_bytes) return false;
  if (ended) ended->provider_json.clear();
  if (call) call->provider_data = {};
  return !std::exchange(warned_, true);
}

void PartEnds::settle(std::size_t first, Decoded& out) {
  std::vector<StreamEvent>& events = out.events;
  for (std::size_t at = first; at < events.size(); ++at) {
    if (!limit(events[at])) continue;
    events.insert(
        events.begin() + static_cast<std::ptrdiff_t>(at),
        Warning{"reasoning_dropped", "what the provider wants back with this answer is larger than " +
                                         std::to_string(most_provider_bytes) + " bytes: the rest of it was dropped"});
    ++at;
  }
  const auto begin = events.begin() + static_cast<std::ptrdiff_t>(first);
  const auto tail = std::find_if_not(events.rbegin(), std::make_reverse_iterator(begin), is_end).base();
  std::vector<StreamEvent> ends(std::make_move_iterator(tail), std::make_move_iterator(events.end()));
  const bool hands_out = tail != begin;
  events.erase(tail, events.end());
  if (hands_out && !held_.empty()) {
    events.insert(events.begin() + static_cast<std::ptrdiff_t>(first), std::make_move_iterator(held_.begin()),
                  std::make_move_iterator(held_.end()));
    held_.clear();
  }
  held_.insert(held_.end(), std::make_move_iterator(ends.begin()), std::make_move_iterator(ends.end()));
}

}  // namespace abstractllm
