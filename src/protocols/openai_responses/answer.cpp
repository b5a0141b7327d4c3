// SPDX-License-Identifier: Apache-2.0
#include "protocols/openai_responses/answer.hpp"

#include "protocols/errors.hpp"
#include "protocols/openai_responses/usage.hpp"

namespace abstractllm::openai_responses {
namespace {

/// Returns "completed" for "response.completed", and nothing for an event that does not end the answer.
std::string_view ending_of(std::string_view type) {
  constexpr std::string_view prefix = "response.";
  for (const std::string_view ending : {"completed", "incomplete", "failed"}) {
    if (type.starts_with(prefix) && type.substr(prefix.size()) == ending) return ending;
  }
  return {};
}

Error failure_of(JsonElement error) { return error_within_answer(read_error(error)); }

}  // namespace

Result<void> ResponsesAnswer::take(const AnswerObject& object, Decoded& out) {
  const JsonElement root = object.root;
  if (!root.is_object()) return Error(ErrorKind::protocol, "the answer holds JSON that is not an object");
  if (object.form == Form::whole) {
    take_identity(root, out);
    return take_end(root, {}, object.source, out);
  }
  const auto [type, response, error, usage] =
      members(root, std::array<std::string_view, 4>{"type", "response", "error", "usage"});
  const std::string_view word = text_of(type).empty() ? object.event_name : text_of(type);
  if (response) take_identity(*response, out);
  if (usage) take_usage(*usage, out);  // the usage of a failed answer counts too
  if (says_error(error) || word == "error" || object.event_name == "error") return failure_of(root);
  if (response && says_error(member(*response, "error"))) return failure_of(*response);
  if (const std::string_view ending = ending_of(word); !ending.empty())
    return take_end(response ? *response : root, ending, object.source, out);
  items_.take_event(word, {root, object.source}, out);
  return {};
}

void ResponsesAnswer::take_identity(JsonElement response, Decoded& out) {
  const auto [id, model, usage] = members(response, std::array<std::string_view, 3>{"id", "model", "usage"});
  take_first(out.id, text_of(id));
  take_first(out.model, text_of(model));
  if (usage) take_usage(*usage, out);
}

void ResponsesAnswer::take_usage(JsonElement usage, Decoded& out) {
  const Usage counts = read_usage(usage);
  if (counts == Usage()) return;
  usage_ = counts;
  out.usage = counts;
}

/// Takes the whole answer: a body, or the content of a stream's last event. `ending` is the word of that event, or
/// empty.
Result<void> ResponsesAnswer::take_end(JsonElement response, std::string_view ending, const JsonParser& source,
                                       Decoded& out) {
  const auto [status, details, error, output] =
      members(response, std::array<std::string_view, 4>{"status", "incomplete_details", "error", "output"});
  const std::string_view said = text_of(status);
  if (ending.empty() || said == "failed" || said == "incomplete") ending = said;
  if (ending == "failed" || says_error(error)) return failure_of(response);
  if (ending == "queued" || ending == "in_progress")
    return Error(ErrorKind::protocol, "the answer is not there yet: the server makes it in the background");
  if (ending.empty() && !output) {
    if (read_provider_error(response)) return failure_of(response);
    return Error(ErrorKind::protocol, "the answer has neither a status nor an output");
  }
  items_.take_output(output, source, out);
  const std::string_view reason = details ? finish_word(text_of(member(*details, "reason"))) : std::string_view();
  finish_reason_ = reason.empty() ? ending : reason;
  ended_ = true;
  return {};
}

FinishReason ResponsesAnswer::unified() const {
  if (finish_reason_ == "max_output_tokens") return FinishReason::length;
  if (finish_reason_ == "content_filter") return FinishReason::content_filter;
  return finish_reason_ == "completed" ? FinishReason::stop : FinishReason::other;
}

Result<void> ResponsesAnswer::finish(Form, bool, Decoded& out) {
  // [DONE] is not an end: some servers send it whether the answer is complete or not.
  if (!ended_) return Error(ErrorKind::protocol, "the stream ended before the answer was completed: it is cut off");
  const FinishReason said = unified();
  const bool complete = items_.finish(is_cut_short(said), out.events);
  out.events.emplace_back(Finished{reason_with_calls(said, items_.has_calls(), complete), finish_reason_, usage_});
  return {};
}

}  // namespace abstractllm::openai_responses
