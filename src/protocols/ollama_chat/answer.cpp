// SPDX-License-Identifier: Apache-2.0
#include "protocols/ollama_chat/answer.hpp"

#include <algorithm>

#include "protocols/errors.hpp"
#include "protocols/raw_list.hpp"

namespace abstractllm::ollama_chat {
namespace {

FinishReason unified(std::string_view raw, bool has_calls) {
  if (raw == "length") return FinishReason::length;
  // Ollama says "stop" after tool calls too.
  if (has_calls && (raw == "stop" || raw.empty())) return FinishReason::tool_calls;
  return raw == "stop" ? FinishReason::stop : FinishReason::other;
}

bool is_true(const std::optional<JsonElement>& element) {
  bool flag = false;
  return element && element->get(flag) == simdjson::SUCCESS && flag;
}

void take_count(const std::optional<JsonElement>& element, TokenCount& count) {
  if (const std::optional<std::int64_t> tokens = integer_of(element); tokens && *tokens >= 0) count = *tokens;
}

std::optional<std::chrono::microseconds> time_of(const std::optional<JsonElement>& nanoseconds) {
  const std::optional<std::int64_t> count = integer_of(nanoseconds);
  if (!count || *count < 0) return std::nullopt;
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::nanoseconds(*count));
}

}  // namespace

Result<void> OllamaAnswer::take(JsonElement root, Form, std::string_view event_name, Decoded& out) {
  const auto [error, model, message, logprobs, done, reason, input, output] =
      members(root, std::array<std::string_view, 8>{"error", "model", "message", "logprobs", "done", "done_reason",
                                                    "prompt_eval_count", "eval_count"});
  if (says_error(error) || event_name == "error")
    return error_within_answer(read_provider_error(root).value_or(ProviderError()));
  if (!root.is_object()) return Error(ErrorKind::protocol, "the answer holds JSON that is not an object");

  if (out.model.empty()) out.model = text_of(model);
  take_counts(input, output, out);
  append_raw_elements(out.logprobs_json, logprobs);
  if (message) take_message(*message, out);
  done_ = is_true(done);
  if (done_) {
    done_reason_ = text_of(reason);
    take_timing(root, out);
  }
  return {};
}

void OllamaAnswer::take_message(JsonElement message, Decoded& out) {
  const auto [thinking, content, tool_calls] =
      members(message, std::array<std::string_view, 3>{"thinking", "content", "tool_calls"});
  if (const std::string_view text = text_of(thinking); !text.empty())
    out.events.emplace_back(ReasoningDelta{std::string(text)});
  if (const std::string_view text = text_of(content); !text.empty())
    out.events.emplace_back(TextDelta{std::string(text)});
  for_each(tool_calls, [&](JsonElement entry) { take_tool_call(entry, out); });
}

/// A call comes whole: {"id"?, "function": {"index"?, "name", "arguments": {…}}}.
void OllamaAnswer::take_tool_call(JsonElement entry, Decoded& out) {
  const auto [id, function] = members(entry, std::array<std::string_view, 2>{"id", "function"});
  if (!function || !function->is_object()) return;
  const auto [name, arguments] = members(*function, std::array<std::string_view, 2>{"name", "arguments"});
  ToolCall call;
  call.id = id_of_call(text_of(id));
  call.name = text_of(name);
  call.arguments_json = text_of(arguments);
  if (arguments && !arguments->is_string()) call.arguments_json = simdjson::minify(*arguments);
  out.events.emplace_back(ToolCallStarted{call.id, call.name});
  if (!call.arguments_json.empty()) out.events.emplace_back(ToolCallDelta{call.id, call.arguments_json});
  out.events.emplace_back(std::move(call));
}

/// The wire's id. Where there is none, or it is another call's already, "call_N", N the call's place or more.
std::string OllamaAnswer::id_of_call(std::string_view wire_id) {
  made_up_number_ = std::max(made_up_number_, call_ids_.size());
  std::string id(wire_id);
  while (id.empty() || !call_ids_.insert(id).second) id = "call_" + std::to_string(made_up_number_++);
  return id;
}

void OllamaAnswer::take_counts(const std::optional<JsonElement>& input, const std::optional<JsonElement>& output,
                               Decoded& out) {
  take_count(input, usage_.input_tokens);
  take_count(output, usage_.output_tokens);
  if (usage_ != Usage()) out.usage = usage_;
}

/// Durations are nanoseconds.
void OllamaAnswer::take_timing(JsonElement root, Decoded& out) const {
  const auto [load, prompt, generation] =
      members(root, std::array<std::string_view, 3>{"load_duration", "prompt_eval_duration", "eval_duration"});
  out.model_timing.load = time_of(load);
  out.model_timing.prompt = time_of(prompt);
  out.model_timing.generation = time_of(generation);
}

Result<void> OllamaAnswer::finish(Form form, bool, Decoded& out) {
  if (!done_) {
    return Error(ErrorKind::protocol, form == Form::whole
                                          ? "the answer does not say that it is done"
                                          : "the stream ended without \"done\": true: the answer is cut off");
  }
  out.events.emplace_back(Finished{unified(done_reason_, !call_ids_.empty()), done_reason_, usage_});
  return {};
}

}  // namespace abstractllm::ollama_chat
