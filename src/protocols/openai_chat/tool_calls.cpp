// SPDX-License-Identifier: Apache-2.0
#include "protocols/openai_chat/tool_calls.hpp"

#include <algorithm>

namespace abstractllm::openai_chat {
namespace {

bool is_whole_object(const std::string& arguments) {
  if (arguments.empty() || arguments.back() != '}') return false;  // cheap: this may be asked for each fragment
  simdjson::dom::parser parser;
  return parser.parse(arguments).is_object();
}

}  // namespace

ToolCalls::Delta ToolCalls::read_delta(JsonElement entry) {
  const auto [id, index, function, custom] =
      members(entry, std::array<std::string_view, 4>{"id", "index", "function", "custom"});
  Delta delta;
  delta.id = text_of(id);
  delta.index = integer_of(index);
  if (function) {
    const auto [name, arguments] = members(*function, std::array<std::string_view, 2>{"name", "arguments"});
    delta.name = text_of(name);
    delta.arguments = arguments;
  } else if (custom) {
    const auto [name, input] = members(*custom, std::array<std::string_view, 2>{"name", "input"});
    delta.name = text_of(name);
    delta.arguments = input;
  }
  return delta;
}

void ToolCalls::take_deltas(JsonElement tool_calls, std::vector<StreamEvent>& events) {
  std::optional<std::size_t> previous;
  for_each(tool_calls, [&](JsonElement entry) {
    if (!entry.is_object()) return;
    const Delta delta = read_delta(entry);
    std::size_t place = place_of(delta, previous);
    if (place == calls_.size()) place = add();
    apply(delta, place, events);
    previous = place;
  });
}

void ToolCalls::take_whole(JsonElement tool_calls, std::vector<StreamEvent>& events) {
  for_each(tool_calls, [&](JsonElement entry) {
    if (entry.is_object()) apply(read_delta(entry), add(), events);
  });
}

void ToolCalls::take_function_call(JsonElement function_call, std::vector<StreamEvent>& events) {
  const auto [name, arguments] = members(function_call, std::array<std::string_view, 2>{"name", "arguments"});
  apply(Delta{{}, text_of(name), {}, arguments}, calls_.empty() ? add() : calls_.size() - 1, events);
}

/// The call that a delta belongs to; calls_.size() stands for a new one. `previous`: place of the delta before it in
/// the same array.
std::size_t ToolCalls::place_of(const Delta& delta, std::optional<std::size_t> previous) const {
  const std::size_t none = calls_.size();
  const std::size_t at_index = delta.index ? find_index(*delta.index) : none;
  if (!delta.id.empty()) {
    const std::size_t with_id = find_id(delta.id);
    return with_id != none ? with_id : place_of_new_id(delta, at_index);
  }
  const std::size_t place = delta.index || calls_.empty() ? at_index : none - 1;
  if (place == none || delta.name.empty()) return place;
  // Some servers repeat the name with each fragment, others send a second call without saying so.
  const bool another = previous == place || is_whole_object(calls_[place].call.arguments_json);
  return another ? none : place;
}

/// An id that was not seen before is a new call, unless the call at its index lacks an id or the delta lacks a name:
/// some servers send the id late, others make up a new one for each fragment.
std::size_t ToolCalls::place_of_new_id(const Delta& delta, std::size_t at_index) const {
  if (at_index == calls_.size() || delta.name.empty()) return at_index;
  const Call& call = calls_[at_index];
  const bool late_id = call.wire_id.empty() && (!call.started || call.call.name == delta.name);
  return late_id && !is_whole_object(call.call.arguments_json) ? at_index : calls_.size();
}

std::size_t ToolCalls::add() {
  calls_.emplace_back();
  return calls_.size() - 1;
}

void ToolCalls::apply(const Delta& delta, std::size_t place, std::vector<StreamEvent>& events) {
  Call& call = calls_[place];
  if (delta.index && !call.index) call.index = delta.index;
  if (!delta.id.empty()) {
    call.wire_id = delta.id;
    if (!call.started) call.call.id = delta.id;
  }
  if (call.call.name.empty()) call.call.name = delta.name;
  std::string fragment(text_of(delta.arguments));
  if (delta.arguments && !delta.arguments->is_string()) fragment = simdjson::minify(*delta.arguments);
  call.call.arguments_json += fragment;
  if (!call.started) {
    if (!call.call.name.empty()) start(call, events);
  } else if (!fragment.empty()) {
    events.emplace_back(ToolCallDelta{call.call.id, std::move(fragment)});
  }
}

void ToolCalls::start(Call& call, std::vector<StreamEvent>& events) {
  call.started = true;
  if (call.call.id.empty()) call.call.id = "call_" + std::to_string(&call - calls_.data());
  events.emplace_back(ToolCallStarted{call.call.id, call.call.name});
  if (!call.call.arguments_json.empty()) events.emplace_back(ToolCallDelta{call.call.id, call.call.arguments_json});
}

void ToolCalls::finish(std::vector<StreamEvent>& events) {
  for (Call& call : calls_) {
    if (!call.started) start(call, events);  // no name ever came: the caller shall see that
    events.emplace_back(call.call);
  }
}

bool ToolCalls::whole() const {
  return !calls_.empty() && std::all_of(calls_.begin(), calls_.end(), [](const Call& call) {
    return call.started && is_whole_object(call.call.arguments_json);
  });
}

std::size_t ToolCalls::find_id(std::string_view id) const {
  const auto found = std::find_if(calls_.begin(), calls_.end(), [&](const Call& call) { return call.wire_id == id; });
  return static_cast<std::size_t>(found - calls_.begin());
}

std::size_t ToolCalls::find_index(std::int64_t index) const {
  for (std::size_t place = calls_.size(); place > 0; --place) {
    if (calls_[place - 1].index == index) return place - 1;
  }
  return calls_.size();
}

}  // namespace abstractllm::openai_chat
