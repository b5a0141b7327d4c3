// SPDX-License-Identifier: Apache-2.0
#include "protocols/call_arguments.hpp"

#include <algorithm>

#include "base/json_text.hpp"

namespace abstractllm {

bool are_cut(std::string_view arguments, bool at_the_cut) {
  if (at_the_cut) return find_json_fault(arguments, arguments.size()).has_value();
  return is_cut_json(arguments);
}

void ObjectProgress::take(std::string_view fragment) {
  for (const char c : fragment) {
    if (state_ == State::other) return;
    state_ = next(c);
  }
}

ObjectProgress::State ObjectProgress::next(char c) {
  const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
  switch (state_) {
    case State::nothing:
      if (c == '{') depth_ = 1;
      return c == '{' ? State::object : blank ? State::nothing : State::other;
    case State::object:
      if (c == '"') return State::string;
      if (c == '{' || c == '[') ++depth_;
      if (c == '}' || c == ']') --depth_;
      return depth_ == 0 ? State::whole : State::object;
    case State::string: return c == '"' ? State::object : c == '\\' ? State::escape : State::string;
    case State::escape: return State::string;
    case State::whole: return blank ? State::whole : State::other;
    case State::other: break;
  }
  return State::other;
}

std::string CallIds::take(std::string_view wire_id, std::size_t position) {
  std::string id(wire_id);
  next_number_ = std::max(next_number_, position);
  while (id.empty() || !taken_.insert(id).second) id = "call_" + std::to_string(next_number_++);
  return id;
}

}  // namespace abstractllm
