// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

namespace abstractllm {

/// Whether the arguments of a call were cut. `at_the_cut`: the answer ended early, with this as its last call; then
/// anything but a whole JSON value was. A call whose arguments are empty otherwise has none.
bool are_cut(std::string_view arguments, bool at_the_cut);

/// Whether the fragments of a call's arguments so far make a whole JSON object, by its brackets. Takes each byte once.
class ObjectProgress {
 public:
  void take(std::string_view fragment);
  bool is_whole() const { return state_ == State::whole; }

 private:
  enum class State { nothing, object, string, escape, whole, other };

  State next(char c);

  State state_ = State::nothing;
  std::size_t depth_ = 0;
};

/// Gives each call of an answer an id of its own.
class CallIds {
 public:
  /// The wire's id. Where there is none, or it is another call's already: "call_N", N the call's place or more.
  std::string take(std::string_view wire_id, std::size_t place);

 private:
  std::set<std::string, std::less<>> taken_;
  std::size_t next_number_ = 0;
};

/// Above this size of its id, a call's arguments come in one ToolCallDelta: each carries the id, and an answer of many
/// fragments must not grow by its square.
constexpr std::size_t longest_streamed_id = 256;

}  // namespace abstractllm
