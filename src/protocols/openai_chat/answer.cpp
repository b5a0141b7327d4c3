// SPDX-License-Identifier: Apache-2.0
#include "protocols/openai_chat/answer.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "protocols/base_resp.hpp"
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

/// Whether OpenRouter's name for its provider's reason is a failure ("MALFORMED_FUNCTION_CALL", "error").
bool names_failure(std::string_view native_reason) {
  const std::string word = lowered(native_reason);
  return word.find("error") != std::string::npos || word.find("malformed") != std::string::npos || word == "failed";
}

/// Returns the smallest index of the choices of a body, which come all at once and in any order.
std::optional<std::int64_t> least_index(const std::optional<JsonElement>& choices) {
  std::optional<std::int64_t> least;
  for_each(choices, [&](JsonElement choice) {
    const std::int64_t index = integer_of(member(choice, "index")).value_or(0);
    least = std::min(index, least.value_or(index));
  });
  return least;
}

/// Appends the new elements of a list that is repeated with each chunk and grows.
void append_new(std::string& list, const std::optional<JsonElement>& values, std::size_t& taken) {
  std::size_t seen = 0;
  for_each(values, [&](JsonElement value) {
    if (seen++ >= taken) append_raw(list, value);
  });
  taken = std::max(taken, seen);
}

}  // namespace

Result<void> Answer::take(const AnswerObject& object, Decoded& out) {
  const JsonElement root = object.root;
  const auto [error, id, model, choices, usage, groq, timings, base_resp, citations, search_results] =
      members(root, std::array<std::string_view, 10>{"error", "id", "model", "choices", "usage", "x_groq", "timings",
                                                     "base_resp", "citations", "search_results"});
  take_usage(usage, groq, out);  // the usage of a failed answer counts too
  if (says_error(error) || object.event_name == "error") return take_failure(root, out);
  if (groq && says_error(member(*groq, "error"))) return take_failure(*groq, out);
  if (base_resp && read_base_resp(root)) return take_failure(root, out);
  if (!choices && is_flat_failure(root, object.form)) return take_failure(root, out);
  if (!root.is_object()) return Error(ErrorKind::protocol, "the answer holds JSON that is not an object");

  take_first(out.id, text_of(id));
  take_first(out.model, text_of(model));
  if (timings) out.model_timing = read_timings(*timings);
  take_sources(citations, search_results, out);
  if (object.form == Form::whole) choice_ = least_index(choices);
  Result<void> result;
  for_each(choices, [&](JsonElement choice) {
    if (result) result = take_choice(choice, object, out);
  });
  return result;
}

Result<void> Answer::take_failure(JsonElement root, Decoded& out) {
  // OpenRouter: an error can follow a finish reason. The answer is complete then.
  if (has_finish_reason()) {
    warn_once(warned_of_error_, "error_after_answer", "the provider reported an error after the end of the answer",
              out);
    return {};
  }
  return error_within_answer(read_error(root));
}

void Answer::take_usage(const std::optional<JsonElement>& usage, const std::optional<JsonElement>& groq, Decoded& out) {
  const std::optional<JsonElement> counted = usage || !groq ? usage : member(*groq, "usage");
  if (!counted) return;
  const Usage counts = read_usage(*counted);
  if (counts == Usage()) return;
  usage_ = counts;
  out.usage = counts;
}

/// Takes Perplexity's lists for the whole answer: URLs, and {"title", "url", "date"}.
void Answer::take_sources(const std::optional<JsonElement>& citations, const std::optional<JsonElement>& results,
                          Decoded& out) {
  append_new(out.citations_json, citations, citations_);
  append_new(out.citations_json, results, search_results_);
}

/// The first index that arrives is the choice, because some servers count from 1. A choice without an index belongs to
/// it.
bool Answer::is_another_choice(const std::optional<JsonElement>& index) {
  const std::int64_t number = integer_of(index).value_or(choice_.value_or(0));
  if (!choice_) choice_ = number;
  return number != *choice_;
}

Result<void> Answer::take_choice(JsonElement choice, const AnswerObject& object, Decoded& out) {
  const auto [index, delta, message, finish_reason, native_reason, error, logprobs] =
      members(choice, std::array<std::string_view, 7>{"index", "delta", "message", "finish_reason",
                                                      "native_finish_reason", "error", "logprobs"});
  if (is_another_choice(index)) {
    warn_once(warned_of_choices_, "choices_ignored", "the answer has several choices; only the first is used", out);
    return {};
  }
  if (says_error(error)) return take_failure(choice, out);
  if (logprobs) append_raw_elements(out.logprobs_json, member(*logprobs, "content"));
  // Perplexity sends both: a stream's message repeats all of the text so far, and a body's delta is empty.
  if (object.form == Form::whole) {
    if (message || delta) take_message(message ? *message : *delta, Form::whole, object.source, out);
  } else if (delta) {
    take_message(*delta, Form::chunk, object.source, out);
  } else if (message && !delivered_) {
    take_message(*message, Form::whole, object.source, out);
  }
  return take_reason(finish_word(text_of(finish_reason)), text_of(native_reason), out);
}

/// The last reason counts: some servers send "stop" with each chunk and the real reason at the end.
Result<void> Answer::take_reason(std::string_view reason, std::string_view native_reason, Decoded& out) {
  const bool failed = reason == "error";  // OpenRouter, Mistral
  if (failed || (!has_text_ && tool_calls_.empty() && names_failure(native_reason))) {
    ProviderError said;
    said.code = failed ? reason : native_reason;
    return error_within_answer(said);
  }
  if (!reason.empty()) finish_reason_ = reason;
  out.has_finish_reason = has_finish_reason();
  return {};
}

void Answer::take_message(JsonElement message, Form form, const JsonParser& source, Decoded& out) {
  const auto [reasoning_content, reasoning, details, content, refusal, tool_calls, function_call, annotations] =
      members(message, std::array<std::string_view, 8>{"reasoning_content", "reasoning", "reasoning_details", "content",
                                                       "refusal", "tool_calls", "function_call", "annotations"});
  take_reasoning(reasoning_content, reasoning, details, out);
  details_.take(details, form, source);
  if (content) take_content(*content, out);
  add_text(text_of(refusal), out);
  append_raw_elements(out.citations_json, annotations);
  if (tool_calls) {
    if (form == Form::whole) tool_calls_.take_whole(*tool_calls, source, out.events);
    else tool_calls_.take_deltas(*tool_calls, source, out.events);
  }
  if (function_call) tool_calls_.take_function_call(*function_call, source, out.events);
  delivered_ = delivered_ || !tool_calls_.empty();
}

/// Some servers send the same text in two fields, or in parts.
void Answer::take_reasoning(const std::optional<JsonElement>& text, const std::optional<JsonElement>& other_name,
                            const std::optional<JsonElement>& details, Decoded& out) {
  const std::string_view thought = text_of(text).empty() ? text_of(other_name) : text_of(text);
  add_reasoning(thought, out);
  if (!thought.empty()) return;
  for_each(details, [&](JsonElement detail) {
    const auto [part, summary] = members(detail, std::array<std::string_view, 2>{"text", "summary"});
    add_reasoning(text_of(part ? part : summary), out);
  });
}

void Answer::take_content(JsonElement content, Decoded& out) {
  if (content.is_string()) return add_text(text_of(content), out);
  for_each(content, [&](JsonElement part) { take_part(part, out); });
}

/// Mistral: [{"type": "thinking", "thinking": [{"type": "text", "text": …}]}, {"type": "text", "text": …}]. Parts that
/// are neither text nor thinking (references, images) are skipped.
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
  delivered_ = has_text_ = true;
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

/// [DONE] after usage is an end too, because the server has counted what it sent. Whole tool calls are a complete
/// answer (Kimi through OpenRouter). Calls that are cut are not.
Result<void> Answer::finish_without_reason(bool end_marked, Decoded& out) const {
  const bool ended = end_marked && choice_ && usage_ != Usage();
  if (!ended || tool_calls_.any_cut())
    return Error(ErrorKind::protocol, "the stream ended without a finish reason: the answer is cut off");
  if (tool_calls_.empty())
    out.events.emplace_back(Warning{"no_finish_reason", "the provider did not say why the answer ended"});
  return {};
}

Result<void> Answer::finish(Form form, bool end_marked, Decoded& out) {
  if (form == Form::whole && !choice_) return Error(ErrorKind::protocol, "the answer holds no choice");
  if (form == Form::chunk && !has_finish_reason()) {
    if (Result<void> ended = finish_without_reason(end_marked, out); !ended) return ended;
  }
  const FinishReason said = has_finish_reason() ? unified(finish_reason_) : FinishReason::other;
  if (std::string details = details_.finish(); !details.empty())
    out.events.emplace_back(PartEnded{PartKind::reasoning, std::move(details)});
  const bool complete = tool_calls_.finish(is_cut_short(said), out.events);
  const FinishReason reason = reason_with_calls(said, !tool_calls_.empty(), complete);
  out.events.emplace_back(Finished{reason, finish_reason_, usage_});
  return {};
}

}  // namespace abstractllm::openai_chat
