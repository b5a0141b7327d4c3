// SPDX-License-Identifier: Apache-2.0
#include "protocols/openai_chat/tool_calls.hpp"

#include <algorithm>

namespace abstractllm::openai_chat {
namespace {

/// Arguments are a string. If a server sends the object itself, it has the same meaning.
std::string text_of_arguments(const std::optional<JsonElement>& arguments, const JsonParser& source) {
  if (!arguments) return {};
  return arguments->is_string() ? std::string(text_of(arguments)) : source.spelled(*arguments);
}

}  // namespace

ToolCalls::Delta ToolCalls::read_delta(JsonElement entry, const JsonParser& source) {
  const auto [id, index, function, custom, extra] =
      members(entry, std::array<std::string_view, 5>{"id", "index", "function", "custom", "extra_content"});
  Delta delta;
  delta.id = text_of(id);
  delta.index = integer_of(index);
  if (extra && extra->is_object()) delta.extra = source.spelled(*extra);
  if (function) {
    const auto [name, arguments] = members(*function, std::array<std::string_view, 2>{"name", "arguments"});
    delta.name = text_of(name);
    delta.arguments = text_of_arguments(arguments, source);
  } else if (custom) {
    const auto [name, input] = members(*custom, std::array<std::string_view, 2>{"name", "input"});
    delta.name = text_of(name);
    delta.arguments = text_of_arguments(input, source);
  }
  return delta;
}

void ToolCalls::take_deltas(JsonElement tool_calls, const JsonParser& source, std::vector<StreamEvent>& events) {
  std::optional<std::size_t> previous;
  for_each(tool_calls, [&](JsonElement entry) {
    if (!entry.is_object()) return;
    const Delta delta = read_delta(entry, source);
    const std::size_t position = position_of(delta, previous);
    if (position < calls_.size()) apply(delta, position, events);
    else add(delta, events);
    previous = position;
  });
}

void ToolCalls::take_whole(JsonElement tool_calls, const JsonParser& source, std::vector<StreamEvent>& events) {
  for_each(tool_calls, [&](JsonElement entry) {
    if (entry.is_object()) add(read_delta(entry, source), events);
  });
}

void ToolCalls::take_function_call(JsonElement function_call, const JsonParser& source,
                                   std::vector<StreamEvent>& events) {
  const auto [name, arguments] = members(function_call, std::array<std::string_view, 2>{"name", "arguments"});
  const Delta delta{{}, text_of(name), {}, text_of_arguments(arguments, source), {}};
  if (calls_.empty()) add(delta, events);
  else apply(delta, calls_.size() - 1, events);
}

/// Returns the position of the call that a delta belongs to, or calls_.size() for a new one. `previous` is that of
/// the delta before it in the same array.
std::size_t ToolCalls::position_of(const Delta& delta, std::optional<std::size_t> previous) const {
  const std::size_t none = calls_.size();
  const std::size_t at_index = delta.index ? find_index(*delta.index) : none;
  if (!delta.id.empty()) {
    if (at_index != none && calls_[at_index].wire_id == delta.id) return at_index;
    const std::size_t with_id = find_id(delta.id);
    if (with_id == none) return position_of_new_id(delta, at_index);
    return is_another(delta, calls_[with_id]) ? none : with_id;
  }
  const bool of_open_call = !calls_.empty() && (!delta.index || (at_index == none && delta.name.empty()));
  const std::size_t position = of_open_call ? none - 1 : at_index;
  if (position == none || delta.name.empty()) return position;
  // Some servers repeat the name with each fragment. Others send a second call without marking it as new.
  const bool another = previous == position || calls_[position].progress.is_whole();
  return another ? none : position;
}

/// Some servers give all calls of an answer one id. Others repeat a call at its end, with its index.
bool ToolCalls::is_another(const Delta& delta, const Call& with_id) {
  const bool elsewhere = delta.index && with_id.index && *delta.index != *with_id.index;
  return elsewhere && !delta.name.empty() && with_id.progress.is_whole();
}

/// An unknown id begins a new call, unless the call at its index lacks an id or the delta lacks a name: some servers
/// send the id late, others generate a new one for each fragment.
std::size_t ToolCalls::position_of_new_id(const Delta& delta, std::size_t at_index) const {
  if (at_index == calls_.size() || delta.name.empty()) return at_index;
  const Call& call = calls_[at_index];
  const bool late_id = call.wire_id.empty() && (!call.started || call.call.name == delta.name);
  return late_id && !call.progress.is_whole() ? at_index : calls_.size();
}

void ToolCalls::add(const Delta& delta, std::vector<StreamEvent>& events) {
  if (delta.is_empty()) return;
  calls_.emplace_back();
  apply(delta, calls_.size() - 1, events);
}

void ToolCalls::apply(const Delta& delta, std::size_t position, std::vector<StreamEvent>& events) {
  Call& call = calls_[position];
  if (delta.index && !call.index) {
    call.index = delta.index;
    std::size_t& latest = by_index_[*delta.index];
    latest = std::max(latest, position);
  }
  if (!delta.id.empty()) {
    call.wire_id = delta.id;
    by_id_.emplace(delta.id, position);
  }
  if (call.call.name.empty()) call.call.name = delta.name;
  if (!delta.extra.empty()) call.call.provider_data = ProviderData({}, {}, {}, {}, delta.extra);
  call.call.arguments_json += delta.arguments;
  call.progress.take(delta.arguments);
  if (call.started) stream(call, events);
  else if (!call.call.name.empty()) start(call, events);
}

void ToolCalls::start(Call& call, std::vector<StreamEvent>& events) {
  call.started = true;
  call.call.id = ids_.take(call.wire_id, static_cast<std::size_t>(&call - calls_.data()));
  events.emplace_back(ToolCallStarted{call.call.id, call.call.name});
  stream(call, events);
}

void ToolCalls::stream(Call& call, std::vector<StreamEvent>& events) {
  const std::string& arguments = call.call.arguments_json;
  if (arguments.size() == call.streamed || call.call.id.size() > longest_streamed_id) return;
  events.emplace_back(ToolCallDelta{call.call.id, arguments.substr(call.streamed)});
  call.streamed = arguments.size();
}

bool ToolCalls::finish(bool cut_short, std::vector<StreamEvent>& events) {
  bool any_complete = false;
  for (Call& call : calls_) {
    if (!call.started) start(call, events);  // no name arrived: the caller should see that
    const std::string& arguments = call.call.arguments_json;
    if (call.streamed < arguments.size())
      events.emplace_back(ToolCallDelta{call.call.id, arguments.substr(call.streamed)});
    call.call.incomplete = are_cut(arguments, cut_short && &call == &calls_.back());
    any_complete = any_complete || !call.call.incomplete;
    events.emplace_back(std::move(call.call));
  }
  return any_complete;
}

bool ToolCalls::any_cut() const {
  return std::any_of(calls_.begin(), calls_.end(),
                     [](const Call& call) { return !call.started || are_cut(call.call.arguments_json, true); });
}

std::size_t ToolCalls::find_id(std::string_view id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? calls_.size() : found->second;
}

std::size_t ToolCalls::find_index(std::int64_t index) const {
  const auto found = by_index_.find(index);
  return found == by_index_.end() ? calls_.size() : found->second;
}

}  // namespace abstractllm::openai_chat
