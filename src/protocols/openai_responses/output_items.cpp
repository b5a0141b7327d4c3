// SPDX-License-Identifier: Apache-2.0
#include "protocols/openai_responses/output_items.hpp"

#include <algorithm>

#include "protocols/raw_list.hpp"

namespace abstractllm::openai_responses {
namespace {

ItemKind kind_of(std::string_view type) {
  if (type.empty()) return ItemKind::unknown;
  if (type == "message") return ItemKind::message;
  if (type == "reasoning") return ItemKind::reasoning;
  if (type == "function_call" || type == "custom_tool_call") return ItemKind::call;
  return ItemKind::other;
}

/// What of `whole` has not been delivered. Nothing where it begins otherwise: some servers trim what they repeat.
std::string_view rest_of(std::string_view whole, std::string_view delivered) {
  return whole.starts_with(delivered) ? whole.substr(delivered.size()) : std::string_view();
}

template <class Delta>
void deliver(std::string& delivered, std::string_view text, Decoded& out) {
  if (text.empty()) return;
  out.events.emplace_back(Delta{std::string(text)});
  delivered += text;
}

/// Appends the elements behind the first `delivered` ones; `seen` counts over several lists.
void append_new(std::string& list, const std::optional<JsonElement>& elements, std::size_t delivered,
                std::size_t& seen) {
  for_each(elements, [&](JsonElement element) {
    if (seen++ >= delivered) append_raw(list, element);
  });
}

/// Arguments are a string; a server that sends the object itself means the same.
std::string arguments_of(JsonElement holder) {
  const auto [arguments, input] = members(holder, std::array<std::string_view, 2>{"arguments", "input"});
  const std::optional<JsonElement> found = arguments ? arguments : input;
  if (found && found->is_object()) return simdjson::minify(*found);
  return std::string(text_of(found));
}

std::string texts_of(const std::optional<JsonElement>& parts) {
  std::string text;
  for_each(parts, [&](JsonElement part) { text += text_of(member(part, "text")); });
  return text;
}

}  // namespace

void OutputItems::take_event(std::string_view type, JsonElement event, Decoded& out) {
  struct Row {
    std::string_view type;
    void (OutputItems::*take)(JsonElement, Decoded&);
  };
  static constexpr Row rows[] = {
      {"response.output_text.delta", &OutputItems::take_text},
      {"response.refusal.delta", &OutputItems::take_text},
      {"response.reasoning_text.delta", &OutputItems::take_reasoning},
      {"response.reasoning_summary_text.delta", &OutputItems::take_reasoning},
      {"response.function_call_arguments.delta", &OutputItems::take_arguments},
      {"response.custom_tool_call_input.delta", &OutputItems::take_arguments},
      {"response.function_call_arguments.done", &OutputItems::take_all_arguments},
      {"response.custom_tool_call_input.done", &OutputItems::take_all_arguments},
      {"response.output_text.annotation.added", &OutputItems::take_annotation},
      {"response.output_item.added", &OutputItems::take_added},
      {"response.output_item.done", &OutputItems::take_done},
  };
  for (const Row& row : rows) {
    if (row.type == type) return (this->*row.take)(event, out);
  }
}

void OutputItems::take_added(JsonElement event, Decoded& out) {
  const auto [item, index] = members(event, std::array<std::string_view, 2>{"item", "output_index"});
  if (!item) return;
  const std::optional<std::int64_t> output_index = integer_of(index);
  const std::string_view id = text_of(member(*item, "id"));
  OutputItem* const known = find(output_index, id);
  describe(known ? *known : add(output_index, id), *item, out);
}

void OutputItems::take_done(JsonElement event, Decoded& out) {
  const auto [item, index] = members(event, std::array<std::string_view, 2>{"item", "output_index"});
  if (!item) return;
  const std::optional<std::int64_t> output_index = integer_of(index);
  const std::string_view id = text_of(member(*item, "id"));
  OutputItem* known = find(output_index, id);
  if (!known && !output_index && id.empty() && !items_.empty() &&
      items_.back().kind == kind_of(text_of(member(*item, "type")))) {
    known = &items_.back();
  }
  complete(known ? *known : add(output_index, id), *item, out);
}

void OutputItems::take_text(JsonElement event, Decoded& out) {
  OutputItem& item = of_event(event);
  if (item.kind == ItemKind::unknown) item.kind = ItemKind::message;
  const auto [delta, logprobs] = members(event, std::array<std::string_view, 2>{"delta", "logprobs"});
  deliver<TextDelta>(item.text, text_of(delta), out);
  append_new(out.logprobs_json, logprobs, 0, item.logprobs);  // all of them are new
}

void OutputItems::take_reasoning(JsonElement event, Decoded& out) {
  OutputItem& item = of_event(event);
  if (item.kind == ItemKind::unknown) item.kind = ItemKind::reasoning;
  deliver<ReasoningDelta>(item.reasoning, text_of(member(event, "delta")), out);
}

void OutputItems::take_annotation(JsonElement event, Decoded& out) {
  const std::optional<JsonElement> annotation = member(event, "annotation");
  if (!annotation) return;
  append_raw(out.citations_json, *annotation);
  ++of_event(event).annotations;
}

void OutputItems::take_arguments(JsonElement event, Decoded& out) {
  OutputItem& item = of_event(event);
  if (item.kind == ItemKind::unknown) item.kind = ItemKind::call;
  add_arguments(item, text_of(member(event, "delta")), out);
}

/// LM Studio sends a call's arguments nowhere else.
void OutputItems::take_all_arguments(JsonElement event, Decoded& out) {
  OutputItem& item = of_event(event);
  if (item.kind == ItemKind::unknown) item.kind = ItemKind::call;
  add_arguments(item, rest_of(arguments_of(event), item.call.arguments_json), out);
}

void OutputItems::take_output(const std::optional<JsonElement>& output, Decoded& out) {
  // First those that are known by their id: none of them may be taken for another.
  const std::size_t streamed = items_.size();
  for_each(output, [&](JsonElement element) {
    if (OutputItem* const item = find_listed(element, streamed)) item->listed = true;
  });
  // A gateway may give an item a new id in each event: what is left over is matched by its order.
  std::map<ItemKind, std::size_t> next;
  for_each(output, [&](JsonElement element) {
    const ItemKind kind = kind_of(text_of(member(element, "type")));
    if (kind == ItemKind::unknown || kind == ItemKind::other) return;
    OutputItem* item = find_listed(element, streamed);
    if (!item && (kind != ItemKind::call || text_of(member(element, "call_id")).empty())) {
      std::size_t& place = next[kind];
      while (place < streamed && (items_[place].listed || items_[place].kind != kind)) ++place;
      if (place < streamed) item = &items_[place];
    }
    if (!item) item = &add(std::nullopt, text_of(member(element, "id")));
    item->listed = true;
    complete(*item, element, out);
  });
}

void OutputItems::finish(std::vector<StreamEvent>& events) {
  for (OutputItem& item : items_) {
    if (item.kind != ItemKind::call) continue;
    if (!item.started) start(item, events);  // no name ever came: the caller shall see that
    events.emplace_back(item.call);
  }
}

bool OutputItems::has_calls() const {
  return std::any_of(items_.begin(), items_.end(), [](const OutputItem& item) { return item.kind == ItemKind::call; });
}

OutputItem* OutputItems::find(const std::optional<std::int64_t>& output_index, std::string_view id) {
  if (output_index) {
    if (const auto found = by_index_.find(*output_index); found != by_index_.end()) return &items_[found->second];
  }
  const auto found = id.empty() ? by_id_.end() : by_id_.find(id);
  if (found == by_id_.end()) return nullptr;
  OutputItem& item = items_[found->second];
  return output_index && item.output_index ? nullptr : &item;  // two indexes are two items
}

OutputItem& OutputItems::of_event(JsonElement event) {
  const auto [index, item_id] = members(event, std::array<std::string_view, 2>{"output_index", "item_id"});
  const std::optional<std::int64_t> output_index = integer_of(index);
  const std::string_view id = text_of(item_id);
  if (OutputItem* const item = find(output_index, id)) return *item;
  if (!output_index && id.empty() && !items_.empty()) return items_.back();
  return add(output_index, id);
}

OutputItem& OutputItems::add(const std::optional<std::int64_t>& output_index, std::string_view id) {
  const std::size_t place = items_.size();
  items_.emplace_back();
  items_.back().output_index = output_index;
  items_.back().id = id;
  if (output_index) by_index_.emplace(*output_index, place);
  if (!id.empty()) by_id_.emplace(id, place);
  return items_.back();
}

/// The item, among the first `before`, with the id or the call id of an element of the answer's `output`.
OutputItem* OutputItems::find_listed(JsonElement element, std::size_t before) {
  const auto [id, call_id] = members(element, std::array<std::string_view, 2>{"id", "call_id"});
  for (const std::string_view key : {text_of(id), text_of(call_id)}) {
    const auto found = key.empty() ? by_id_.end() : by_id_.find(key);
    if (found != by_id_.end() && found->second < before) return &items_[found->second];
  }
  return nullptr;
}

/// What an item says of itself. Its contents are complete()'s: at an item's beginning they are placeholders.
void OutputItems::describe(OutputItem& item, JsonElement element, Decoded& out) {
  const auto [type, call_id, name] = members(element, std::array<std::string_view, 3>{"type", "call_id", "name"});
  if (item.kind == ItemKind::unknown) item.kind = kind_of(text_of(type));
  if (item.kind != ItemKind::call || item.started) return;
  if (item.call.id.empty()) item.call.id = text_of(call_id);
  if (item.call.name.empty()) item.call.name = text_of(name);
  if (!item.call.id.empty()) by_id_.emplace(item.call.id, static_cast<std::size_t>(&item - items_.data()));
  if (!item.call.name.empty()) start(item, out.events);
}

void OutputItems::complete(OutputItem& item, JsonElement element, Decoded& out) {
  describe(item, element, out);
  if (item.kind == ItemKind::message) return complete_message(item, element, out);
  if (item.kind == ItemKind::call)
    return add_arguments(item, rest_of(arguments_of(element), item.call.arguments_json), out);
  if (item.kind != ItemKind::reasoning) return;
  const auto [summary, content] = members(element, std::array<std::string_view, 2>{"summary", "content"});
  deliver<ReasoningDelta>(item.reasoning, rest_of(texts_of(summary) + texts_of(content), item.reasoning), out);
}

void OutputItems::complete_message(OutputItem& item, JsonElement element, Decoded& out) const {
  std::string whole;
  std::size_t annotations_seen = 0;
  std::size_t logprobs_seen = 0;
  for_each(member(element, "content"), [&](JsonElement part) {
    const auto [type, text, refusal, annotations, logprobs] =
        members(part, std::array<std::string_view, 5>{"type", "text", "refusal", "annotations", "logprobs"});
    if (text_of(type) == "refusal") whole += text_of(refusal);
    if (text_of(type) != "output_text") return;
    whole += text_of(text);
    append_new(out.citations_json, annotations, item.annotations, annotations_seen);
    append_new(out.logprobs_json, logprobs, item.logprobs, logprobs_seen);
  });
  item.annotations = std::max(item.annotations, annotations_seen);
  item.logprobs = std::max(item.logprobs, logprobs_seen);
  deliver<TextDelta>(item.text, rest_of(whole, item.text), out);
}

void OutputItems::add_arguments(OutputItem& item, std::string_view fragment, Decoded& out) const {
  if (fragment.empty() || item.kind != ItemKind::call) return;
  item.call.arguments_json += fragment;
  if (item.started) out.events.emplace_back(ToolCallDelta{item.call.id, std::string(fragment)});
}

void OutputItems::start(OutputItem& item, std::vector<StreamEvent>& events) {
  item.started = true;
  if (item.call.id.empty()) item.call.id = item.id;
  if (item.call.id.empty()) item.call.id = "call_" + std::to_string(&item - items_.data());
  events.emplace_back(ToolCallStarted{item.call.id, item.call.name});
  if (!item.call.arguments_json.empty()) events.emplace_back(ToolCallDelta{item.call.id, item.call.arguments_json});
}

}  // namespace abstractllm::openai_responses
