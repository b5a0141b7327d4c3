// SPDX-License-Identifier: Apache-2.0
#include "protocols/ollama_chat/answer.hpp"

#include "protocols/errors.hpp"
#include "protocols/raw_list.hpp"

namespace abstractllm::ollama_chat {
namespace {

FinishReason unified(std::string_view raw) {
  if (raw == "length") return FinishReason::length;
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

Result<void> OllamaAnswer::take(const AnswerObject& object, Decoded& out) {
  const JsonElement root = object.root;
  const auto [error, model, message, logprobs, done, reason, input, output] =
      members(root, std::array<std::string_view, 8>{"error", "model", "message", "logprobs", "done", "done_reason",
                                                    "prompt_eval_count", "eval_count"});
  take_counts(input, output, out);  // the usage of a failed answer counts too
  if (says_error(error) || object.event_name == "error") return error_within_answer(read_error(root));
  if (!root.is_object()) return Error(ErrorKind::protocol, "the answer holds JSON that is not an object");

  take_first(out.model, text_of(model));
  append_raw_elements(out.logprobs_json, logprobs);
  if (message) take_message(*message, object.source, out);
  done_ = is_true(done);
  if (done_) {
    done_reason_ = finish_word(text_of(reason));
    take_timing(root, out);
  }
  return {};
}

void OllamaAnswer::take_message(JsonElement message, const JsonParser& source, Decoded& out) {
  const auto [thinking, content, tool_calls] =
      members(message, std::array<std::string_view, 3>{"thinking", "content", "tool_calls"});
  if (const std::string_view text = text_of(thinking); !text.empty())
    out.events.emplace_back(ReasoningDelta{std::string(text)});
  if (const std::string_view text = text_of(content); !text.empty())
    out.events.emplace_back(TextDelta{std::string(text)});
  for_each(tool_calls, [&](JsonElement entry) { take_tool_call(entry, source, out); });
}

/// A call arrives whole: {"id"?, "function": {"index"?, "name", "arguments": {…}}}.
void OllamaAnswer::take_tool_call(JsonElement entry, const JsonParser& source, Decoded& out) {
  const auto [id, function] = members(entry, std::array<std::string_view, 2>{"id", "function"});
  if (!function || !function->is_object()) return;
  const auto [name, arguments] = members(*function, std::array<std::string_view, 2>{"name", "arguments"});
  ToolCall call;
  call.name = text_of(name);
  call.arguments_json = text_of(arguments);
  if (arguments && !arguments->is_string()) call.arguments_json = source.spelled(*arguments);
  if (text_of(id).empty() && call.name.empty() && call.arguments_json.empty()) return;  // not a call
  give_call(false, out);
  call.id = ids_.take(text_of(id), call_count_++);
  out.events.emplace_back(ToolCallStarted{call.id, call.name});
  if (!call.arguments_json.empty()) out.events.emplace_back(ToolCallDelta{call.id, call.arguments_json});
  unsure_ = std::move(call);
  if (!unsure_->arguments_json.empty()) give_call(false, out);
}

/// Emits the call that waits. What follows a call without arguments shows whether it has none, or was cut.
void OllamaAnswer::give_call(bool at_the_cut, Decoded& out) {
  if (!unsure_) return;
  unsure_->incomplete = are_cut(unsure_->arguments_json, at_the_cut);
  any_complete_ = any_complete_ || !unsure_->incomplete;
  out.events.emplace_back(*std::move(unsure_));
  unsure_.reset();
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
  const FinishReason said = unified(done_reason_);
  give_call(is_cut_short(said), out);
  // Ollama sends "stop" after tool calls too.
  const FinishReason reason = reason_with_calls(said, call_count_ > 0, any_complete_);
  out.events.emplace_back(Finished{reason, done_reason_, usage_});
  return {};
}

}  // namespace abstractllm::ollama_chat
