// SPDX-License-Identifier: Apache-2.0
#include "protocols/openai_chat/answer.hpp"

#include "protocols/errors.hpp"
#include "protocols/openai_chat/timings.hpp"
#include "protocols/openai_chat/usage.hpp"
#include "protocols/raw_list.hpp"

namespace abstractllm::openai_chat {
namespace {

struct KnownReason {
  std::string_view word;
  FinishReason reason;
};

constexpr KnownReason known_reasons[] = {
    {"stop", FinishReason::stop},
    {"length", FinishReason::length},
    {"tool_calls", FinishReason::tool_calls},
    {"content_filter", FinishReason::content_filter},
    {"function_call", FinishReason::tool_calls},
    {"model_length", FinishReason::length},  // Mistral: the context is full
    {"eos", FinishReason::stop},             // Together
    {"eos_token", FinishReason::stop},       // TGI
    {"stop_sequence", FinishReason::stop},   // TGI
    {"max_tokens", FinishReason::length},    // gateways to Anthropic
    {"end_turn", FinishReason::stop},
    {"tool_use", FinishReason::tool_calls},
};

FinishReason unified(std::string_view raw) {
  for (const KnownReason& known : known_reasons) {
    if (known.word == raw) return known.reason;
  }
  return FinishReason::other;
}

/// Whether an object without choices reports a failure without an `error` member. A stream may also hold notices of
/// other kinds, with a message but no code.
bool is_flat_failure(JsonElement root, Form form) {
  if (form == Form::whole || root.is_array()) return read_provider_error(root).has_value();
  const auto [object, type, code, message] =
      members(root, std::array<std::string_view, 4>{"object", "type", "code", "message"});
  return text_of(object) == "error" || text_of(type) == "error" || (code && message);
}

}  // namespace

Result<void> Answer::take(JsonElement root, Form form, std::string_view event_name, Decoded& out) {
  const auto [error, id, model, choices, usage, groq, timings] =
      members(root, std::array<std::string_view, 7>{"error", "id", "model", "choices", "usage", "x_groq", "timings"});
  if (says_error(error) || event_name == "error") return take_failure(root, out);
  if (groq && says_error(member(*groq, "error"))) return take_failure(*groq, out);
  if (!choices && is_flat_failure(root, form)) return take_failure(root, out);
  if (!root.is_object()) return Error(ErrorKind::protocol, "the answer holds JSON that is not an object");

  take_identity(id, model, out);
  take_usage(usage, groq, out);
  if (timings) out.model_timing = read_timings(*timings);
  Result<void> result;
  for_each(choices, [&](JsonElement choice) {
    if (result) result = take_choice(choice, form, out);
  });
  return result;
}

Result<void> Answer::take_failure(JsonElement root, Decoded& out) {
  // OpenRouter: an error can follow a finish reason. The answer is whole by then.
  if (has_finish_reason()) {
    warn_once(warned_of_error_, "error_after_answer", "the provider reported an error after the end of the answer",
              out);
    return {};
  }
  return error_within_answer(read_provider_error(root).value_or(ProviderError()));
}

void Answer::take_identity(const std::optional<JsonElement>& id, const std::optional<JsonElement>& model,
                           Decoded& out) const {
  if (out.id.empty()) out.id = text_of(id);
  if (out.model.empty()) out.model = text_of(model);
}

void Answer::take_usage(const std::optional<JsonElement>& usage, const std::optional<JsonElement>& groq, Decoded& out) {
  const std::optional<JsonElement> place = usage || !groq ? usage : member(*groq, "usage");
  if (!place) return;
  const Usage counts = read_usage(*place);
  if (counts == Usage()) return;
  usage_ = counts;
  out.usage = counts;
}

Result<void> Answer::take_choice(JsonElement choice, Form form, Decoded& out) {
  const auto [index, delta, message, finish_reason, error, logprobs] = members(
      choice, std::array<std::string_view, 6>{"index", "delta", "message", "finish_reason", "error", "logprobs"});
  if (integer_of(index).value_or(0) != 0) {
    warn_once(warned_of_choices_, "choices_ignored", "the answer has several choices; only the first is used", out);
    return {};
  }
  saw_choice_ = true;
  if (says_error(error)) return take_failure(choice, out);
  if (logprobs) append_raw_elements(out.logprobs_json, member(*logprobs, "content"));
  // Perplexity sends both: a stream's message repeats all of the text so far, a body's delta is empty.
  if (form == Form::whole) {
    if (message || delta) take_message(message ? *message : *delta, form, out);
  } else if (delta) {
    take_message(*delta, form, out);
  } else if (message && !delivered_) {
    take_message(*message, Form::whole, out);
  }
  const std::string_view reason = text_of(finish_reason);
  if (reason == "error") {  // OpenRouter, Mistral
    ProviderError said;
    said.code = reason;
    return error_within_answer(said);
  }
  if (finish_reason_.empty()) finish_reason_ = reason;
  out.has_finish_reason = has_finish_reason();
  return {};
}

void Answer::take_message(JsonElement message, Form form, Decoded& out) {
  const auto [reasoning_content, reasoning, details, content, refusal, tool_calls, function_call, annotations] =
      members(message, std::array<std::string_view, 8>{"reasoning_content", "reasoning", "reasoning_details", "content",
                                                       "refusal", "tool_calls", "function_call", "annotations"});
  // Some servers send the same text under two names.
  const std::string_view thought = text_of(reasoning_content).empty() ? text_of(reasoning) : text_of(reasoning_content);
  add_reasoning(thought, out);
  if (thought.empty()) {
    for_each(details, [&](JsonElement detail) {
      const auto [text, summary] = members(detail, std::array<std::string_view, 2>{"text", "summary"});
      add_reasoning(text_of(text ? text : summary), out);
    });
  }
  if (content) take_content(*content, out);
  add_text(text_of(refusal), out);
  append_raw_elements(out.citations_json, annotations);
  if (tool_calls) {
    if (form == Form::whole) tool_calls_.take_whole(*tool_calls, out.events);
    else tool_calls_.take_deltas(*tool_calls, out.events);
  }
  if (function_call) tool_calls_.take_function_call(*function_call, out.events);
  delivered_ = delivered_ || !tool_calls_.empty();
}

void Answer::take_content(JsonElement content, Decoded& out) {
  if (content.is_string()) return add_text(text_of(content), out);
  for_each(content, [&](JsonElement part) { take_part(part, out); });
}

/// Mistral: [{"type": "thinking", "thinking": [{"type": "text", "text": …}]}, {"type": "text", "text": …}]. Parts that
/// are neither text nor thinking (references, images) are passed over.
void Answer::take_part(JsonElement part, Decoded& out) {
  if (part.is_string()) return add_text(text_of(part), out);
  const auto [text, thinking, refusal] = members(part, std::array<std::string_view, 3>{"text", "thinking", "refusal"});
  add_reasoning(text_of(thinking), out);
  for_each(thinking, [&](JsonElement thought) { add_reasoning(text_of(member(thought, "text")), out); });
  add_text(text_of(text), out);
  add_text(text_of(refusal), out);
}

void Answer::add_text(std::string_view text, Decoded& out) {
  if (text.empty()) return;
  out.events.emplace_back(TextDelta{std::string(text)});
  delivered_ = true;
}

void Answer::add_reasoning(std::string_view text, Decoded& out) {
  if (text.empty()) return;
  out.events.emplace_back(ReasoningDelta{std::string(text)});
  delivered_ = true;
}

void Answer::warn_once(bool& warned, std::string_view code, std::string_view message, Decoded& out) const {
  if (!warned) out.events.emplace_back(Warning{std::string(code), std::string(message)});
  warned = true;
}

Result<void> Answer::finish(Form form, bool end_marked, Decoded& out) {
  // Kimi through OpenRouter: a whole tool call, usage and [DONE], but never a finish reason.
  const bool calls_only = end_marked && tool_calls_.whole() && usage_ != Usage();
  if (form == Form::whole && !saw_choice_) return Error(ErrorKind::protocol, "the answer holds no choice");
  if (form == Form::chunk && !has_finish_reason() && !calls_only) {
    return Error(ErrorKind::protocol, "the stream ended without a finish reason: the answer is cut off");
  }
  tool_calls_.finish(out.events);
  const FinishReason without_word = tool_calls_.empty() ? FinishReason::other : FinishReason::tool_calls;
  const FinishReason reason = has_finish_reason() ? unified(finish_reason_) : without_word;
  out.events.emplace_back(Finished{reason, finish_reason_, usage_});
  return {};
}

}  // namespace abstractllm::openai_chat
