// SPDX-License-Identifier: Apache-2.0
//
// SseParser: the same events however the bytes are cut; nothing is made up; the limit holds.
#include <algorithm>
#include <string>

#include "base/sse.hpp"
#include "fuzzing.hpp"

namespace {

using abstractllm::SseEvent;
using abstractllm::SseParser;
using abstractllm::fuzzing::require;

struct Seen {
  std::vector<std::string> events;
  std::size_t largest = 0;
  bool failed = false;
  bool operator==(const Seen&) const = default;
};

void note(const SseEvent& event, Seen& seen) {
  unsigned sum = 0;
  for (std::size_t at = 0; at < SseParser::padding; ++at)
    sum += static_cast<unsigned char>(event.data.data()[event.data.size() + at]);
  require(sum <= 255 * SseParser::padding, "the padding can be read");
  require(event.name.find_first_of("\r\n") == std::string_view::npos, "a name is one line");
  require(event.data.find('\r') == std::string_view::npos, "data holds no CR");
  seen.events.push_back(std::string(event.name) + '\0' + std::string(event.data) + (event.terminated ? '.' : '-'));
  seen.largest = std::max(seen.largest, event.data.size());
}

Seen parse(const std::vector<std::string_view>& pieces, std::size_t limit) {
  SseParser parser(limit);
  Seen seen;
  for (const std::string_view piece : pieces) {
    parser.feed(std::string(piece));
    abstractllm::Result<std::optional<SseEvent>> event = parser.next();
    for (; event && *event; event = parser.next()) note(**event, seen);
    seen.failed = !event;
  }
  bool cut = false;
  for (std::optional<SseEvent> last = parser.finish(); last; last = parser.finish()) {
    require(!cut, "nothing follows an event that may be cut");
    cut = !last->terminated;
    note(*last, seen);
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = abstractllm::fuzzing::text_of(data, size);
  const std::vector<std::string_view> pieces = abstractllm::fuzzing::pieces_of(input);
  for (const std::size_t limit : {SseParser::default_max_event_bytes, std::size_t{100}}) {
    const Seen whole = parse({input}, limit);
    require(parse(pieces, limit) == whole, "cuts make no difference");
    require(whole.largest <= limit, "no event is over the limit");
    require(!whole.failed || limit == 100, "nothing fails below the limit");
  }
  return 0;
}
