// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "abstractllm/response.hpp"
#include "abstractllm/stream.hpp"

namespace abstractllm {

/// Builds an answer from its events. This is the only fold: generate, stream and every later form use it.
///
/// Texts go into the response's strings at once. Response::parts is made from them at the end, so that a delta is
/// copied once. Each event takes constant time, whatever the server sends.
class Fold {
 public:
  /// Adds one event to the answer so far.
  void add(const StreamEvent& event, Response& response);

  /// Does the same for PartEnded, with the complete provider data.
  void end_part(PartKind kind, ProviderData data, const Response& response);

  /// Sets Response::parts. Call it when no more events come. A second call changes nothing.
  void finish(Response& response);

 private:
  enum class Kind { text, reasoning, call, hosted };

  struct Segment {
    Kind kind = Kind::text;
    /// Offset in Response::text or reasoning; for a finished call, its index in tool_calls; for a hosted one, in hosted_.
    std::size_t begin = 0;
    bool ended = false;
    ToolCall call;  ///< used until the call is finished
    ProviderData data;
  };

  struct Add;

  void add_text(Kind kind, std::size_t begin);
  void start(Kind kind, std::size_t begin);
  void add_hosted(const HostedToolCall& call);
  Segment& call_of(const std::string& id);
  Part part_of(Segment& segment, std::size_t& text_end, std::size_t& reasoning_end, const Response& response) const;

  std::vector<Segment> segments_;
  // A call's id -> its segment; not a hash table, because a server chooses the ids.
  std::map<std::string, std::size_t> calls_;
  std::vector<HostedToolCall> hosted_;
  std::size_t latest_text_ = 0;  // 1 + its segment; 0 if there is none
  std::size_t latest_reasoning_ = 0;
};

}  // namespace abstractllm
