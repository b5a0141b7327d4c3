// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "abstractllm/provider.hpp"
#include "base/utf16_halves.hpp"

namespace abstractllm {

/// Joins characters that a server cut between their UTF-16 halves, across the deltas of text, of reasoning and of each
/// call's arguments. It works on the events that a reader has made, so that no protocol needs to know. It costs nothing
/// until the first such character.
class SplitCharacters {
 public:
  /// The state before an event of the server was read.
  struct Before {
    explicit Before(const Decoded& out);

    std::size_t events;
    std::size_t logprobs;
    std::size_t citations;
    bool has_id;
    bool has_model;
  };

  /// Rewrites what came after `before`. `marked` means that the strings it was made from may hold marks.
  void settle(const Before& before, bool marked, Decoded& out);

  /// Does the same for the texts of an error that were read from such strings.
  static void settle(Error& error);

 private:
  void add(StreamEvent event, std::vector<StreamEvent>& settled);
  void finish_text(std::vector<StreamEvent>& settled);
  void settle_facts(const Before& before, Decoded& out) const;

  Utf16Halves text_;
  Utf16Halves reasoning_;
  std::map<std::string, Utf16Halves> arguments_;  // by the call's id
  bool marked_ = false;                           // the last event
  bool seen_ = false;
};

}  // namespace abstractllm
