// SPDX-License-Identifier: Apache-2.0
#include "protocols/openai_responses/output_items.hpp"

#include <algorithm>
#include <utility>

#include "abstractllm/json.hpp"
#include "base/json.hpp"
#include "protocols/raw_list.hpp"

namespace abstractllm::openai_responses {
namespace {

/// xAI runs its own tools and reports them as custom_tool_call, which elsewhere is a call for the caller
/// (github.com/vercel/ai pull 9896, 2025-10, and issue 10607, 2025-11).
constexpr std::string_view tools_of_xai[] = {
    "web_search",        "web_search_with_snippets", "browse_page",    "x_user_search", "x_keyword_search",
    "x_semantic_search", "x_thread_fetch",           "code_execution", "view_image",    "view_x_video",
    "search_images",
};

bool runs_at_server(JsonElement item) {
  const auto [name, call_id] = members(item, std::array<std::string_view, 2>{"name", "call_id"});
  if (text_of(call_id).starts_with("xs_call_")) return true;
  return std::find(std::begin(tools_of_xai), std::end(tools_of_xai), text_of(name)) != std::end(tools_of_xai);
}

/// What the server's own tools do (openai-openapi, 2026-08-21). The items of tools that the caller runs are not among
/// them: computer_call, shell_call, apply_patch_call, mcp_approval_request.
constexpr std::string_view hosted_items[] = {"web_search_call",       "file_search_call", "code_interpreter_call",
                                             "image_generation_call", "mcp_call",         "mcp_list_tools"};

ItemKind kind_of(JsonElement item) {
  const std::string_view type = text_of(member(item, "type"));
  if (type.empty()) return ItemKind::unknown;
  if (type == "message") return ItemKind::message;
  if (type == "reasoning") return ItemKind::reasoning;
  if (type == "function_call") return ItemKind::call;
  if (type == "custom_tool_call") return runs_at_server(item) ? ItemKind::hosted : ItemKind::call;
  if (std::find(std::begin(hosted_items), std::end(hosted_items), type) != std::end(hosted_items))
    return ItemKind::hosted;
  return ItemKind::other;
}

/// Returns the part of `whole` that has not been delivered. Returns nothing if it begins otherwise: some servers trim
/// the text that they repeat.
std::string_view rest_of(std::string_view whole, std::string_view delivered) {
  return whole.starts_with(delivered) ? whole.substr(delivered.size()) : std::string_view();
}

template <class Delta>
void deliver(std::string& delivered, std::string_view text, Decoded& out) {
  if (text.empty()) return;
  out.events.emplace_back(Delta{std::string(text)});
  delivered += text;
}

/// Appends the elements after the first `delivered` ones. `seen` counts over several lists.
void append_new(std::string& list, const std::optional<JsonElement>& elements, std::size_t delivered,
                std::size_t& seen) {
  for_each(elements, [&](JsonElement element) {
    if (seen++ >= delivered) append_raw(list, element);
  });
}

/// Arguments are a string. If a server sends the object itself, it has the same meaning.
std::string arguments_of(const ItemSource& holder) {
  const auto [arguments, input] = members(holder.json, std::array<std::string_view, 2>{"arguments", "input"});
  const std::optional<JsonElement> found = arguments ? arguments : input;
  if (found && found->is_object()) return holder.parser.spelled(*found);
  return std::string(text_of(found));
}

std::string texts_of(const std::optional<JsonElement>& parts) {
  std::string text;
  for_each(parts, [&](JsonElement part) { text += text_of(member(part, "text")); });
  return text;
}

}  // namespace

void OutputItems::take_event(std::string_view type, const ItemSource& event, Decoded& out) {
  struct Row {
    std::string_view type;
    void (OutputItems::*take)(const ItemSource&, Decoded&);
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

void OutputItems::take_added(const ItemSource& event, Decoded& out) {
  const auto [item, index] = members(event.json, std::array<std::string_view, 2>{"item", "output_index"});
  if (!item) return;
  const std::optional<std::int64_t> output_index = integer_of(index);
  const std::string_view id = text_of(member(*item, "id"));
  OutputItem* const known = find(output_index, id);
  describe(known ? *known : add(output_index, id), *item, out);
}

void OutputItems::take_done(const ItemSource& event, Decoded& out) {
  const auto [item, index] = members(event.json, std::array<std::string_view, 2>{"item", "output_index"});
  if (!item) return;
  const std::optional<std::int64_t> output_index = integer_of(index);
  const std::string_view id = text_of(member(*item, "id"));
  OutputItem* known = find(output_index, id);
  if (!known && !output_index && id.empty() && !items_.empty() && items_.back().kind == kind_of(*item))
    known = &items_.back();
  complete(known ? *known : add(output_index, id), {*item, event.parser}, out);
}

void OutputItems::take_text(const ItemSource& event, Decoded& out) {
  OutputItem& item = of_event(event.json);
  if (item.kind == ItemKind::unknown) item.kind = ItemKind::message;
  const auto [delta, logprobs] = members(event.json, std::array<std::string_view, 2>{"delta", "logprobs"});
  if (!text_of(delta).empty()) separate(item, PartKind::text, out);
  deliver<TextDelta>(item.text, text_of(delta), out);
  append_new(out.logprobs_json, logprobs, 0, item.logprobs);  // all of them are new
}

void OutputItems::take_reasoning(const ItemSource& event, Decoded& out) {
  OutputItem& item = of_event(event.json);
  if (item.kind == ItemKind::unknown) item.kind = ItemKind::reasoning;
  const std::optional<JsonElement> delta = member(event.json, "delta");
  if (!text_of(delta).empty()) separate(item, PartKind::reasoning, out);
  deliver<ReasoningDelta>(item.reasoning, text_of(delta), out);
}

void OutputItems::take_annotation(const ItemSource& event, Decoded& out) {
  const std::optional<JsonElement> annotation = member(event.json, "annotation");
  if (!annotation) return;
  append_raw(out.citations_json, *annotation);
  ++of_event(event.json).annotations;
}

void OutputItems::take_arguments(const ItemSource& event, Decoded& out) {
  add_arguments(call_of_event(event.json), text_of(member(event.json, "delta")), out);
}

/// LM Studio sends a call's arguments nowhere else.
void OutputItems::take_all_arguments(const ItemSource& event, Decoded& out) {
  OutputItem& item = call_of_event(event.json);
  add_arguments(item, rest_of(arguments_of(event), item.call.arguments_json), out);
}

void OutputItems::take_output(const std::optional<JsonElement>& output, const JsonParser& parser, Decoded& out) {
  // Elements that are known by their id come first, so that none of them is taken for another one.
  const std::size_t streamed = items_.size();
  for_each(output, [&](JsonElement element) {
    if (OutputItem* const item = find_listed(element, streamed)) item->listed = true;
  });
  std::map<ItemKind, std::size_t> next;
  for_each(output, [&](JsonElement json) {
    const ItemSource element{json, parser};
    const ItemKind kind = kind_of(json);
    if (kind == ItemKind::unknown || kind == ItemKind::other) return;
    OutputItem* item = find_listed(json, streamed);
    if (!item) item = find_unlisted(element, kind, streamed, next[kind]);
    if (!item) item = &add(std::nullopt, text_of(member(json, "id")));
    item->listed = true;
    complete(*item, element, out);
  });
}

/// A gateway may give an item a new id in each event. The remaining items are matched by their order. `position` is
/// where the search for items of this kind continues.
OutputItem* OutputItems::find_unlisted(const ItemSource& element, ItemKind kind, std::size_t before,
                                       std::size_t& position) {
  if (kind == ItemKind::call && !text_of(member(element.json, "call_id")).empty()) return nullptr;
  while (position < before && (items_[position].listed || items_[position].kind != kind)) ++position;
  return position < before ? &items_[position] : nullptr;
}

bool OutputItems::finish(bool cut_short, std::vector<StreamEvent>& events) {
  bool any_complete = false;
  for (OutputItem& item : items_) {
    if (item.kind != ItemKind::call) continue;
    if (!item.started) start(item, events);  // no name arrived: the caller should see that
    const std::string& arguments = item.call.arguments_json;
    if (item.streamed < arguments.size())
      events.emplace_back(ToolCallDelta{item.call.id, arguments.substr(item.streamed)});
    item.call.incomplete = item.cut || are_cut(arguments, cut_short && &item == &items_.back());
    any_complete = any_complete || !item.call.incomplete;
    events.emplace_back(item.call);
  }
  return any_complete;
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

/// Returns the call that the arguments belong to.
OutputItem& OutputItems::call_of_event(JsonElement event) {
  const auto [index, item_id] = members(event, std::array<std::string_view, 2>{"output_index", "item_id"});
  const bool index_alone = text_of(item_id).empty() && !find(integer_of(index), {});
  const bool of_open_call = index_alone && !items_.empty() && items_.back().kind == ItemKind::call;
  OutputItem& item = of_open_call ? items_.back() : of_event(event);
  if (item.kind == ItemKind::unknown) item.kind = ItemKind::call;
  return item;
}

OutputItem& OutputItems::add(const std::optional<std::int64_t>& output_index, std::string_view id) {
  const std::size_t position = items_.size();
  items_.emplace_back();
  items_.back().output_index = output_index;
  items_.back().id = id;
  if (output_index) by_index_.emplace(*output_index, position);
  if (!id.empty()) by_id_.emplace(id, position);
  return items_.back();
}

/// Returns the item, among the first `before`, with the id or the call id of an element of the answer's `output`.
OutputItem* OutputItems::find_listed(JsonElement element, std::size_t before) {
  const auto [id, call_id] = members(element, std::array<std::string_view, 2>{"id", "call_id"});
  for (const std::string_view key : {text_of(id), text_of(call_id)}) {
    const auto found = key.empty() ? by_id_.end() : by_id_.find(key);
    if (found != by_id_.end() && found->second < before) return &items_[found->second];
  }
  return nullptr;
}

/// Reads what an item says about itself. Its contents are read by complete(), because they are placeholders at an
/// item's beginning.
void OutputItems::describe(OutputItem& item, JsonElement element, Decoded& out) {
  const auto [call_id, name, status] = members(element, std::array<std::string_view, 3>{"call_id", "name", "status"});
  if (item.kind == ItemKind::unknown) item.kind = kind_of(element);
  item.cut = item.cut || text_of(status) == "incomplete";
  if (item.kind != ItemKind::call || item.started) return;
  if (item.call.id.empty()) item.call.id = text_of(call_id);
  if (item.call.name.empty()) item.call.name = text_of(name);
  if (!item.call.id.empty()) by_id_.emplace(item.call.id, static_cast<std::size_t>(&item - items_.data()));
  if (!item.call.name.empty()) start(item, out.events);
}

void OutputItems::complete(OutputItem& item, const ItemSource& element, Decoded& out) {
  describe(item, element.json, out);
  if (item.kind == ItemKind::message) return complete_message(item, element.json, out);
  if (item.kind == ItemKind::call)
    return add_arguments(item, rest_of(arguments_of(element), item.call.arguments_json), out);
  if (item.kind == ItemKind::reasoning) complete_reasoning(item, element, out);
  if (item.kind == ItemKind::hosted) complete_hosted(item, element, out);
}

void OutputItems::complete_hosted(OutputItem& item, const ItemSource& element, Decoded& out) {
  if (std::exchange(item.ended, true)) return;
  const auto [id, type, name] = members(element.json, std::array<std::string_view, 3>{"id", "type", "name"});
  std::string_view tool = text_of(name);
  if (tool.empty()) {
    constexpr std::string_view call = "_call";
    tool = text_of(type);
    if (tool.ends_with(call)) tool.remove_suffix(call.size());
  }
  const std::string json = element.parser.spelled(element.json);
  out.events.emplace_back(
      HostedToolCall(std::string(text_of(id)), std::string(tool), json, ProviderData({}, {}, {}, {}, json)));
}

void OutputItems::separate(const OutputItem& item, PartKind kind, Decoded& out) {
  std::size_t& latest = kind == PartKind::text ? latest_text_ : latest_reasoning_;
  const auto position = static_cast<std::size_t>(&item - items_.data());
  if (latest != position && latest != std::string::npos) out.events.emplace_back(PartEnded{kind, {}});
  latest = position;
}

/// The item is sent back unchanged. A summary alone, with nothing encrypted, is useless to a server that keeps nothing:
/// it would look up the item by its id (https://platform.openai.com/docs/guides/reasoning, 2026-11).
void OutputItems::complete_reasoning(OutputItem& item, const ItemSource& element, Decoded& out) {
  const auto [summary, content, encrypted] =
      members(element.json, std::array<std::string_view, 3>{"summary", "content", "encrypted_content"});
  const std::string whole = texts_of(summary) + texts_of(content);
  const std::string_view rest = rest_of(whole, item.reasoning);
  const bool goes_back = !item.ended && (!text_of(encrypted).empty() || !texts_of(content).empty());
  if (!rest.empty() || goes_back) separate(item, PartKind::reasoning, out);
  deliver<ReasoningDelta>(item.reasoning, rest, out);
  if (!goes_back) return;
  item.ended = true;
  out.events.emplace_back(PartEnded{PartKind::reasoning, element.parser.spelled(element.json)});
}

/// The phase is "commentary" or "final_answer". gpt-5.3-codex and later want it back
/// (https://platform.openai.com/docs/api-reference/responses/create, 2026-11).
void OutputItems::end_message(OutputItem& item, JsonElement element, Decoded& out) const {
  const std::string_view phase = text_of(member(element, "phase"));
  const bool is_latest = latest_text_ == static_cast<std::size_t>(&item - items_.data());
  if (item.ended || phase.empty() || !is_latest) return;
  item.ended = true;
  out.events.emplace_back(PartEnded{PartKind::text, "{\"phase\":" + json_string(phase) + "}"});
}

void OutputItems::complete_message(OutputItem& item, JsonElement element, Decoded& out) {
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
  const std::string_view rest = rest_of(whole, item.text);
  if (!rest.empty()) separate(item, PartKind::text, out);
  deliver<TextDelta>(item.text, rest, out);
  end_message(item, element, out);
}

void OutputItems::add_arguments(OutputItem& item, std::string_view fragment, Decoded& out) const {
  if (fragment.empty() || item.kind != ItemKind::call) return;
  item.call.arguments_json += fragment;
  if (item.started) stream(item, out.events);
}

void OutputItems::start(OutputItem& item, std::vector<StreamEvent>& events) {
  item.started = true;
  const std::string& wire_id = item.call.id.empty() ? item.id : item.call.id;
  item.call.id = ids_.take(wire_id, static_cast<std::size_t>(&item - items_.data()));
  events.emplace_back(ToolCallStarted{item.call.id, item.call.name});
  stream(item, events);
}

void OutputItems::stream(OutputItem& item, std::vector<StreamEvent>& events) {
  const std::string& arguments = item.call.arguments_json;
  if (item.streamed == arguments.size() || item.call.id.size() > longest_streamed_id) return;
  events.emplace_back(ToolCallDelta{item.call.id, arguments.substr(item.streamed)});
  item.streamed = arguments.size();
}

}  // namespace abstractllm::openai_responses
