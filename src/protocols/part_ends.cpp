// SPDX-License-Identifier: Apache-2.0
#include "protocols/part_ends.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>

#include "base/json_text.hpp"

namespace abstractllm {
namespace {

bool is_end(const StreamEvent& event) { return std::holds_alternative<PartEnded>(event); }

bool is_too_deep(std::string_view json) {
  const std::optional<JsonFault> fault = find_json_fault(json, PartEnds::most_provider_levels);
  return fault && fault->too_deep;
}

}  // namespace

/// Returns whether something was dropped for the first time.
bool PartEnds::limit(StreamEvent& event) {
  auto* const ended = std::get_if<PartEnded>(&event);
  auto* const call = std::get_if<ToolCall>(&event);
  auto* const hosted = std::get_if<HostedToolCall>(&event);
  const std::string_view json = ended    ? std::string_view(ended->provider_json)
                                : call   ? std::string_view(call->provider_data.json())
                                : hosted ? std::string_view(hosted->provider_data.json())
                                         : std::string_view();
  if (json.empty()) return false;
  provider_bytes_ += json.size();
  const bool fits = provider_bytes_ <= most_provider_bytes;
  if (fits && !is_too_deep(json)) return false;
  if (ended) ended->provider_json.clear();
  if (call) call->provider_data = {};
  if (hosted) hosted->provider_data = {};
  return !std::exchange(warned_, true);
}

void PartEnds::settle(std::size_t first, Decoded& out) {
  std::vector<StreamEvent>& events = out.events;
  for (std::size_t at = first; at < events.size(); ++at) {
    if (!limit(events[at])) continue;
    events.insert(
        events.begin() + static_cast<std::ptrdiff_t>(at),
        Warning{"reasoning_dropped", "a part of what the provider wants back with this answer was dropped: at most " +
                                         std::to_string(most_provider_bytes) + " bytes and " +
                                         std::to_string(most_provider_levels) + " levels of JSON are kept"});
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
