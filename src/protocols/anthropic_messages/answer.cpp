// SPDX-License-Identifier: Apache-2.0
#include "protocols/anthropic_messages/answer.hpp"

#include "abstractllm/json.hpp"
#include "base/json.hpp"
#include "base/json_text.hpp"
#include "protocols/errors.hpp"
#include "protocols/raw_list.hpp"
#include "schema/json_pieces.hpp"

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

/// Whether an object without an `error` member reports a failure. In a message, `message` is an object or absent.
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

/// Returns the arguments in a tool_use block itself. In a stream this is an empty object, and deltas follow. A text or
/// a list is no object, but nothing that the model gave is replaced.
std::string input_of(const std::optional<JsonElement>& input, const JsonParser& source) {
  if (!input || input->is_null()) return {};
  if (input->is_string()) return std::string(text_of(input));
  simdjson::dom::object object;
  if (input->get(object) == simdjson::SUCCESS && object.size() == 0) return {};
  return source.spelled(*input);
}

}  // namespace

Result<void> MessagesAnswer::take(const AnswerObject& object, Decoded& out) {
  const JsonElement root = object.root;
  const auto [error, type_member, content, usage] =
      members(root, std::array<std::string_view, 4>{"error", "type", "content", "usage"});
  const std::string_view type = text_of(type_member).empty() ? object.event_name : text_of(type_member);
  if (says_error(error) || type == "error" || object.event_name == "error" ||
      is_flat_failure(root, object.form, content.has_value())) {
    if (usage) take_usage(*usage, out);  // the usage of a failed answer counts too
    return error_within_answer(read_error(root));
  }
  if (!root.is_object()) return Error(ErrorKind::protocol, "the answer holds JSON that is not an object");
  if (object.form == Form::chunk && type != "message") {
    take_event(type, object, out);
    return {};
  }
  if (!content && type != "message") return Error(ErrorKind::protocol, "the answer holds no content");
  take_message(object, out);
  return {};
}

void MessagesAnswer::take_event(std::string_view type, const AnswerObject& object, Decoded& out) {
  const auto [index_member, message, content_block, delta] =
      members(object.root, std::array<std::string_view, 4>{"index", "message", "content_block", "delta"});
  const std::int64_t index = integer_of(index_member).value_or(latest_index_);
  if (type == "message_start") {
    if (message) take_message_start(*message, out);
  } else if (type == "content_block_start") {
    if (content_block) start_block(index, *content_block, object.source, out);
  } else if (type == "content_block_delta") {
    if (delta) take_delta(index, *delta, out);
  } else if (type == "content_block_stop") {
    stop_block(index, out);
  } else if (type == "message_delta") {
    take_message_delta(object.root, out);
  } else if (type == "message_stop") {
    ended_ = true;
  }
}

void MessagesAnswer::take_message(const AnswerObject& object, Decoded& out) {
  take_message_start(object.root, out);
  const std::optional<JsonElement> content = member(object.root, "content");
  add_text(text_of(content), out);
  for_each(content, [&](JsonElement block) {
    start_block(0, block, object.source, out);
    stop_block(0, out);
  });
  take_stop_reason(object.root, out);
  ended_ = true;
}

void MessagesAnswer::take_message_start(JsonElement message, Decoded& out) {
  const auto [id, model, usage] = members(message, std::array<std::string_view, 3>{"id", "model", "usage"});
  take_first(out.id, text_of(id));
  take_first(out.model, text_of(model));
  if (!usage) return;
  // A gateway may send the start twice. Counts that came since then are more recent.
  usage_.complete(*usage);
  out.usage = usage_.counts();
}

void MessagesAnswer::take_usage(JsonElement usage, Decoded& out) {
  usage_.replace(usage);
  out.usage = usage_.counts();
}

void MessagesAnswer::take_message_delta(JsonElement root, Decoded& out) {
  const auto [delta, usage] = members(root, std::array<std::string_view, 2>{"delta", "usage"});
  if (delta) take_stop_reason(*delta, out);
  if (usage) take_usage(*usage, out);
}

void MessagesAnswer::take_stop_reason(JsonElement parent, Decoded& out) {
  const std::optional<JsonElement> reason = member(parent, "stop_reason");
  if (const std::string_view word = finish_word(text_of(reason)); !word.empty()) stop_reason_ = word;
  out.has_finish_reason = !stop_reason_.empty();
}

void MessagesAnswer::start_block(std::int64_t index, JsonElement content, const JsonParser& source, Decoded& out) {
  stop_block(index, out);  // of a start that was sent twice, or a block whose stop is missing
  interrupt_part(index, out);
  settle_unsure(false, out);
  latest_index_ = index;
  Block& block = open_[index];
  const auto [type_member, text, thinking, signature, citations, id, name, input] = members(
      content,
      std::array<std::string_view, 8>{"type", "text", "thinking", "signature", "citations", "id", "name", "input"});
  const std::string_view type = text_of(type_member);
  if (type == "text") {
    block.kind = BlockKind::text;
    open_part_ = index;
    add_text(text_of(text), out);
    append_raw_elements(out.citations_json, citations);
  } else if (type == "thinking") {
    block.kind = BlockKind::thinking;
    open_part_ = index;
    block.signature = text_of(signature);
    add_reasoning(text_of(thinking), out);
  } else if (type == "redacted_thinking") {
    block.kind = BlockKind::redacted;
    out.events.emplace_back(PartEnded{PartKind::reasoning, source.spelled(content)});
  } else if (type == "tool_use") {
    block.call.name = text_of(name);
    block.input = input_of(input, source);
    start_call(block, id, out);
  } else {
    start_hosted(block, type, content, source, out);
  }
}

/// Takes a block of a tool that the server runs: the call, whose input may follow in deltas, or its result, which comes
/// whole (https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool and …/agents-and-tools/
/// mcp-connector, 2026-11).
void MessagesAnswer::start_hosted(Block& block, std::string_view type, JsonElement content, const JsonParser& source,
                                  Decoded& out) {
  constexpr std::string_view result = "_tool_result";
  const bool is_result = type.ends_with(result);
  if (!is_result && !type.ends_with("_tool_use")) return;
  const auto [id, tool_use_id, name] = members(content, std::array<std::string_view, 3>{"id", "tool_use_id", "name"});
  HostedToolCall call(std::string(text_of(is_result ? tool_use_id : id)), std::string(text_of(name)),
                      source.spelled(content));
  if (is_result) {
    const auto known = hosted_names_.find(call.id);
    call.name = known != hosted_names_.end() ? known->second : std::string(type.substr(0, type.size() - result.size()));
    call.provider_data = ProviderData({}, {}, {}, {}, call.data_json);
    out.events.emplace_back(std::move(call));
    return;
  }
  hosted_names_.emplace(call.id, call.name);
  block.kind = BlockKind::hosted;
  block.hosted = std::move(call);
}

/// A call whose input was cut is not sent back: the server would refuse it.
void MessagesAnswer::end_hosted(Block& block, Decoded& out) {
  std::string& json = block.hosted.data_json;
  bool is_whole = true;
  if (!block.input.empty()) {
    const JsonPiece start = json_pieces(json, 1);
    const JsonPiece* const input = start.find("input");
    is_whole = input != nullptr && JsonTokens(block.input).next().kind == JsonToken::Kind::begin_object &&
               !find_json_fault(block.input, block.input.size());
    if (is_whole)
      json.replace(static_cast<std::size_t>(input->text.data() - json.data()), input->text.size(),
                   compact_json(block.input));
  }
  if (is_whole) block.hosted.provider_data = ProviderData({}, {}, {}, {}, json);
  out.events.emplace_back(std::move(block.hosted));
}

void MessagesAnswer::start_call(Block& block, const std::optional<JsonElement>& id, Decoded& out) {
  block.kind = BlockKind::tool;
  block.call.id = ids_.take(text_of(id), call_count_++);
  block.streamed = block.call.id.size() <= longest_streamed_id;
  out.events.emplace_back(ToolCallStarted{block.call.id, block.call.name});
}

void MessagesAnswer::take_delta(std::int64_t index, JsonElement delta, Decoded& out) {
  const auto found = open_.find(index);
  const bool is_open = found != open_.end();
  if (is_open && (found->second.kind == BlockKind::other || found->second.kind == BlockKind::redacted)) return;
  const auto [type_member, text, thinking, signature, partial_json, citation] = members(
      delta, std::array<std::string_view, 6>{"type", "text", "thinking", "signature", "partial_json", "citation"});
  const std::string_view type = text_of(type_member);
  if (type == "text_delta") {
    interrupt_part(index, out);
    add_text(text_of(text), out);
  } else if (type == "thinking_delta") {
    interrupt_part(index, out);
    add_reasoning(text_of(thinking), out);
  } else if (type == "signature_delta") {
    // It comes once and whole (github.com/anthropics/anthropic-sdk-typescript, 2026-11: assigned, not appended).
    if (is_open && found->second.kind == BlockKind::thinking) found->second.signature = text_of(signature);
  } else if (type == "citations_delta") {
    if (citation) append_raw(out.citations_json, *citation);
  } else if (type == "input_json_delta") {
    Block* const block = tool_of(index);
    if (block != nullptr && block->kind == BlockKind::hosted) block->input += text_of(partial_json);
    else if (block != nullptr) add_arguments(*block, text_of(partial_json), out);
  }
}

/// Ends the block of text or thinking that is open at another index. Otherwise its signature would go to the part that
/// comes next.
void MessagesAnswer::interrupt_part(std::int64_t index, Decoded& out) {
  if (open_part_ && *open_part_ != index) stop_block(*open_part_, out);
}

/// Returns the block at the index. If none is open there, it returns the only one that is open, because an index alone
/// does not begin a call.
MessagesAnswer::Block* MessagesAnswer::tool_of(std::int64_t index) {
  auto found = open_.find(index);
  if (found == open_.end() && open_.size() == 1) found = open_.begin();
  if (found == open_.end()) return nullptr;
  const BlockKind kind = found->second.kind;
  return kind == BlockKind::tool || kind == BlockKind::hosted ? &found->second : nullptr;
}

void MessagesAnswer::add_arguments(Block& block, std::string_view fragment, Decoded& out) const {
  if (fragment.empty()) return;
  block.call.arguments_json += fragment;
  if (block.streamed) out.events.emplace_back(ToolCallDelta{block.call.id, std::string(fragment)});
}

void MessagesAnswer::stop_block(std::int64_t index, Decoded& out) {
  const auto found = open_.find(index);
  if (found == open_.end()) return;
  Block block = std::move(found->second);
  open_.erase(found);
  if (open_part_ == index) open_part_.reset();
  end_part(block, out);
  if (block.kind == BlockKind::hosted) end_hosted(block, out);
  if (block.kind != BlockKind::tool) return;
  if (block.call.arguments_json.empty()) add_arguments(block, block.input, out);
  if (!block.call.arguments_json.empty()) return close(block, false, out);
  settle_unsure(false, out);
  unsure_ = std::move(block);
}

/// The thinking itself is in the part. The data holds the other fields that the block needs when it is sent back.
/// Thinking that was left out ("display": "omitted") still has a signature
/// (https://platform.claude.com/docs/en/build-with-claude/extended-thinking, 2026-11).
void MessagesAnswer::end_part(const Block& block, Decoded& out) {
  if (block.kind == BlockKind::text) out.events.emplace_back(PartEnded{PartKind::text, {}});
  if (block.kind != BlockKind::thinking) return;
  std::string data;
  if (!block.signature.empty()) data = R"({"type":"thinking","signature":)" + json_string(block.signature) + "}";
  out.events.emplace_back(PartEnded{PartKind::reasoning, std::move(data)});
}

/// What follows a stopped call without arguments shows whether it has none, or was cut before them.
void MessagesAnswer::settle_unsure(bool at_the_cut, Decoded& out) {
  if (!unsure_) return;
  if (!at_the_cut) add_arguments(*unsure_, "{}", out);
  close(*unsure_, at_the_cut, out);
  unsure_.reset();
}

void MessagesAnswer::close(Block& block, bool at_the_cut, Decoded& out) {
  ToolCall& call = block.call;
  if (!block.streamed && !call.arguments_json.empty())
    out.events.emplace_back(ToolCallDelta{call.id, call.arguments_json});
  call.incomplete = are_cut(call.arguments_json, at_the_cut);
  any_complete_ = any_complete_ || !call.incomplete;
  out.events.emplace_back(std::move(call));
}

Result<void> MessagesAnswer::finish(Form, bool, Decoded& out) {
  // The whole answer comes before its stop reason, so only message_stop is missing then.
  if (!ended_ && stop_reason_.empty())
    return Error(ErrorKind::protocol, "the stream ended without a stop reason: the answer is cut off");
  const FinishReason said = unified(stop_reason_);
  settle_unsure(is_cut_short(said) && open_.empty(), out);
  while (!open_.empty()) stop_block(open_.begin()->first, out);
  // If a block has no stop, the server has not said that it has no arguments.
  settle_unsure(said != FinishReason::tool_calls && said != FinishReason::stop, out);
  const FinishReason reason = reason_with_calls(said, call_count_ > 0, any_complete_);
  out.events.emplace_back(Finished{reason, stop_reason_, usage_.counts()});
  return {};
}

}  // namespace abstractllm::anthropic_messages
