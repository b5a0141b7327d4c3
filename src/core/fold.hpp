// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "abstractllm/response.hpp"
#include "abstractllm/stream.hpp"

namespace abstractllm {

/// Puts an answer together from its events. The only fold: generate, stream and every later form use it.
///
/// Texts go into the response's strings at once; Response::parts is made from them at the end, so that a delta is
/// copied once. Takes constant time for each event, whatever the server sends.
class Fold {
 public:
  /// Adds one event to the answer so far.
  void add(const StreamEvent& event, Response& response);

  /// The same for PartEnded, with the provider's data complete.
  void end_part(PartKind kind, ProviderData data, const Response& response);

  /// Sets Response::parts. To be called when no more events come; the second time it changes nothing.
  void finish(Response& response);

 private:
  enum class Kind { text, reasoning, call };

  struct Segment {
    Kind kind = Kind::text;
    std::size_t begin = 0;  ///< in Response::text or reasoning; of a finished call, its place in tool_calls
    bool ended = false;
    ToolCall call;  ///< as long as it is not finished
    ProviderData data;
  };

  struct Add;

  void add_text(Kind kind, std::size_t begin);
  void start(Kind kind, std::size_t begin);
  Segment& call_of(const std::string& id);
  Part part_of(Segment& segment, std::size_t& text_end, std::size_t& reasoning_end, const Response& response) const;

  std::vector<Segment> segments_;
  std::map<std::string, std::size_t> calls_;  // a call's id -> its segment; no hashing of what a server chooses
  std::size_t latest_text_ = 0;               // 1 + its segment; 0: none
  std::size_t latest_reasoning_ = 0;
};

}  // namespace abstractllm
