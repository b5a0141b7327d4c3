// SPDX-License-Identifier: Apache-2.0
#include "protocols/anthropic_messages/answer.hpp"

#include "protocols/errors.hpp"
#include "protocols/raw_list.hpp"

namespace abstractllm::anthropic_messages {
namespace {

struct KnownStopReason {
  std::string_view word;
  FinishReason reason;
};

constexpr KnownStopReason known_stop_reasons[] = {
    {"end_turn", FinishReason::stop},       {"stop_sequence", FinishReason::stop},
    {"max_tokens", FinishReason::length},   {"model_context_window_exceeded", FinishReason::length},
    {"tool_use", FinishReason::tool_calls}, {"refusal", FinishReason::content_filter},
};

FinishReason unified(std::string_view raw) {
  for (const KnownStopReason& known : known_stop_reasons) {
    if (known.word == raw) return known.reason;
  }
  return FinishReason::other;
}

/// Whether an object without an `error` member reports a failure. A message has `message` as an object, if at all.
bool is_flat_failure(JsonElement root, Form form, bool has_content) {
  if (root.is_array() || (form == Form::whole && !has_content)) return read_provider_error(root).has_value();
  const auto [code, message] = members(root, std::array<std::string_view, 2>{"code", "message"});
  return code && !text_of(message).empty();
}

void add_text(std::string_view text, Decoded& out) {
  if (!text.empty()) out.events.emplace_back(TextDelta{std::string(text)});
}

void add_reasoning(std::string_view text, Decoded& out) {
  if (!text.empty()) out.events.emplace_back(ReasoningDelta{std::string(text)});
}

/// The arguments that stand in a tool_use block itself. In a stream this is an empty object, and deltas follow.
std::string input_of(const std::optional<JsonElement>& input) {
  simdjson::dom::object object;
  if (!input || input->get(object) != simdjson::SUCCESS || object.size() == 0) return {};
  return simdjson::minify(*input);
}

}  // namespace

Result<void> MessagesAnswer::take(JsonElement root, Form form, std::string_view event_name, Decoded& out) {
  const auto [error, type_member, content] = members(root, std::array<std::string_view, 3>{"error", "type", "content"});
  const std::string_view type = text_of(type_member).empty() ? event_name : text_of(type_member);
  if (says_error(error) || type == "error" || event_name == "error" ||
      is_flat_failure(root, form, content.has_value())) {
    return error_within_answer(read_provider_error(root).value_or(ProviderError()));
  }
  if (!root.is_object()) return Error(ErrorKind::protocol, "the answer holds JSON that is not an object");
  if (form == Form::chunk && type != "message") return take_event(type, root, out);
  if (!content && type != "message") return Error(ErrorKind::protocol, "the answer holds no content");
  take_message(root, out);
  return {};
}

Result<void> MessagesAnswer::take_event(std::string_view type, JsonElement root, Decoded& out) {
  const auto [index_member, message, content_block, delta] =
      members(root, std::array<std::string_view, 4>{"index", "message", "content_block", "delta"});
  const std::int64_t index = integer_of(index_member).value_or(latest_index_);
  if (type == "message_start") {
    if (message) take_message_start(*message, out);
  } else if (type == "content_block_start") {
    if (content_block) start_block(index, *content_block, out);
  } else if (type == "content_block_delta") {
    if (delta) take_delta(index, *delta, out);
  } else if (type == "content_block_stop") {
    stop_block(index, out);
  } else if (type == "message_delta") {
    take_message_delta(root, out);
  } else if (type == "message_stop") {
    ended_ = true;
  }
  return {};
}

void MessagesAnswer::take_message(JsonElement message, Decoded& out) {
  take_message_start(message, out);
  const std::optional<JsonElement> content = member(message, "content");
  add_text(text_of(content), out);
  for_each(content, [&](JsonElement block) {
    start_block(0, block, out);
    stop_block(0, out);
  });
  take_stop_reason(message);
  ended_ = true;
}

void MessagesAnswer::take_message_start(JsonElement message, Decoded& out) {
  take_identity(message, out);
  const std::optional<JsonElement> usage = member(message, "usage");
  if (!usage) return;
  // A gateway may send the start a second time; what came since then knows better.
  usage_.complete(*usage);
  out.usage = usage_.counts();
}

void MessagesAnswer::take_message_delta(JsonElement root, Decoded& out) {
  const auto [delta, usage] = members(root, std::array<std::string_view, 2>{"delta", "usage"});
  if (delta) take_stop_reason(*delta);
  if (!usage) return;
  usage_.replace(*usage);
  out.usage = usage_.counts();
}

void MessagesAnswer::take_identity(JsonElement message, Decoded& out) const {
  const auto [id, model] = members(message, std::array<std::string_view, 2>{"id", "model"});
  if (out.id.empty()) out.id = text_of(id);
  if (out.model.empty()) out.model = text_of(model);
}

void MessagesAnswer::take_stop_reason(JsonElement parent) {
  const std::optional<JsonElement> reason = member(parent, "stop_reason");
  if (const std::string_view word = text_of(reason); !word.empty()) stop_reason_ = word;
}

void MessagesAnswer::start_block(std::int64_t index, JsonElement content, Decoded& out) {
  stop_block(index, out);  // of a start that was sent twice, or a block whose stop was left out
  latest_index_ = index;
  Block& block = open_[index];
  const auto [type_member, text, thinking, citations, id, name, input] =
      members(content, std::array<std::string_view, 7>{"type", "text", "thinking", "citations", "id", "name", "input"});
  const std::string_view type = text_of(type_member);
  if (type == "text") {
    block.kind = BlockKind::text;
    add_text(text_of(text), out);
    append_raw_elements(out.citations_json, citations);
  } else if (type == "thinking") {
    block.kind = BlockKind::thinking;
    add_reasoning(text_of(thinking), out);
  } else if (type == "tool_use") {
    block.kind = BlockKind::tool;
    block.call.id = text_of(id).empty() ? "call_" + std::to_string(call_count_) : std::string(text_of(id));
    block.call.name = text_of(name);
    block.input = input_of(input);
    ++call_count_;
    out.events.emplace_back(ToolCallStarted{block.call.id, block.call.name});
  }
}

void MessagesAnswer::take_delta(std::int64_t index, JsonElement delta, Decoded& out) {
  const auto found = open_.find(index);
  const bool passed_over = found != open_.end() && found->second.kind == BlockKind::other;
  if (passed_over) return;
  const auto [type_member, text, thinking, partial_json, citation] =
      members(delta, std::array<std::string_view, 5>{"type", "text", "thinking", "partial_json", "citation"});
  const std::string_view type = text_of(type_member);
  if (type == "text_delta") {
    add_text(text_of(text), out);
  } else if (type == "thinking_delta") {
    add_reasoning(text_of(thinking), out);
  } else if (type == "citations_delta") {
    if (citation) append_raw(out.citations_json, *citation);
  } else if (type == "input_json_delta") {
    if (found != open_.end()) add_arguments(found->second, text_of(partial_json), out);
  }
}

void MessagesAnswer::add_arguments(Block& block, std::string_view fragment, Decoded& out) const {
  if (block.kind != BlockKind::tool || fragment.empty()) return;
  block.call.arguments_json += fragment;
  out.events.emplace_back(ToolCallDelta{block.call.id, std::string(fragment)});
}

void MessagesAnswer::stop_block(std::int64_t index, Decoded& out) {
  const auto found = open_.find(index);
  if (found == open_.end()) return;
  close(found->second, true, out);
  open_.erase(found);
}

/// `whole`: the server has said all of the block, so that no arguments are an empty object and not a cut.
void MessagesAnswer::close(Block& block, bool whole, Decoded& out) const {
  if (block.kind != BlockKind::tool) return;
  if (block.call.arguments_json.empty()) add_arguments(block, block.input, out);
  if (block.call.arguments_json.empty() && whole) add_arguments(block, "{}", out);
  out.events.emplace_back(std::move(block.call));
}

Result<void> MessagesAnswer::finish(Form, bool, Decoded& out) {
  if (!ended_) return Error(ErrorKind::protocol, "the stream ended without message_stop: the answer is cut off");
  const FinishReason reason = unified(stop_reason_);
  for (auto& [index, block] : open_) close(block, reason == FinishReason::tool_calls, out);
  open_.clear();
  out.events.emplace_back(Finished{reason, stop_reason_, usage_.counts()});
  return {};
}

}  // namespace abstractllm::anthropic_messages
