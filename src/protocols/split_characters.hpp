// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "abstractllm/provider.hpp"
#include "base/utf16_halves.hpp"

namespace abstractllm {

/// Joins characters that a server cut between their UTF-16 halves, over the deltas of text, of reasoning and of each
/// call's arguments. Works on the events that a reader has made, so that no protocol needs to know. Costs nothing until
/// the first such character.
class SplitCharacters {
 public:
  /// What was there before an event of the server was read.
  struct Before {
    explicit Before(const Decoded& out);

    std::size_t events;
    std::size_t logprobs;
    std::size_t citations;
    bool has_id;
    bool has_model;
  };

  /// Rewrites what came since `before`. `marked`: the strings that it was made from may hold marks.
  void settle(const Before& before, bool marked, Decoded& out);

  /// The texts of an error that such strings were read into.
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
