// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

namespace abstractllm {

/// Whether the arguments of a call were cut. `at_the_cut` means that the answer ended early and this is its last call.
/// Then anything but a whole JSON value was cut. Otherwise, a call with empty arguments has none.
bool are_cut(std::string_view arguments, bool at_the_cut);

/// Whether the fragments of a call's arguments so far make a whole JSON object, by its brackets. It reads each byte
/// once.
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

/// Gives each call of an answer a unique id.
class CallIds {
 public:
  /// Returns the wire's id. If there is none, or another call has it already, it returns "call_N", where N is the
  /// call's position or more.
  std::string take(std::string_view wire_id, std::size_t position);

 private:
  std::set<std::string, std::less<>> taken_;
  std::size_t next_number_ = 0;
};

/// If the id is longer than this, a call's arguments come in one ToolCallDelta. Each delta carries the id, and the size
/// of an answer of many fragments must not grow quadratically.
constexpr std::size_t longest_streamed_id = 256;

}  // namespace abstractllm
