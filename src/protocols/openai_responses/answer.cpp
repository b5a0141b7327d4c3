// SPDX-License-Identifier: Apache-2.0
#include "protocols/openai_responses/answer.hpp"

#include "protocols/errors.hpp"
#include "protocols/openai_responses/usage.hpp"

namespace abstractllm::openai_responses {
namespace {

/// "completed" of "response.completed"; nothing for an event that does not end the answer.
std::string_view ending_of(std::string_view type) {
  constexpr std::string_view prefix = "response.";
  for (const std::string_view ending : {"completed", "incomplete", "failed"}) {
    if (type.starts_with(prefix) && type.substr(prefix.size()) == ending) return ending;
  }
  return {};
}

Error failure_of(JsonElement place) {
  return error_within_answer(read_provider_error(place).value_or(ProviderError()));
}

}  // namespace

Result<void> ResponsesAnswer::take(JsonElement root, Form form, std::string_view event_name, Decoded& out) {
  if (!root.is_object()) return Error(ErrorKind::protocol, "the answer holds JSON that is not an object");
  if (form == Form::whole) {
    take_identity(root, out);
    return take_end(root, {}, out);
  }
  const auto [type, response, error] = members(root, std::array<std::string_view, 3>{"type", "response", "error"});
  const std::string_view word = text_of(type).empty() ? event_name : text_of(type);
  if (response) take_identity(*response, out);
  if (says_error(error) || word == "error" || event_name == "error") return failure_of(root);
  if (response && says_error(member(*response, "error"))) return failure_of(*response);
  if (const std::string_view ending = ending_of(word); !ending.empty())
    return take_end(response ? *response : root, ending, out);
  items_.take_event(word, root, out);
  return {};
}

void ResponsesAnswer::take_identity(JsonElement response, Decoded& out) {
  const auto [id, model, usage] = members(response, std::array<std::string_view, 3>{"id", "model", "usage"});
  if (out.id.empty()) out.id = text_of(id);
  if (out.model.empty()) out.model = text_of(model);
  if (!usage) return;
  const Usage counts = read_usage(*usage);
  if (counts == Usage()) return;
  usage_ = counts;
  out.usage = counts;
}

/// Takes the whole answer: a body, or what a stream's last event holds. `ending`: the word of that event, or empty.
Result<void> ResponsesAnswer::take_end(JsonElement response, std::string_view ending, Decoded& out) {
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
  items_.take_output(output, out);
  const std::string_view reason = details ? text_of(member(*details, "reason")) : std::string_view();
  finish_reason_ = reason.empty() ? ending : reason;
  ended_ = true;
  return {};
}

FinishReason ResponsesAnswer::unified() const {
  if (finish_reason_ == "max_output_tokens") return FinishReason::length;
  if (finish_reason_ == "content_filter") return FinishReason::content_filter;
  if (finish_reason_ != "completed" && !finish_reason_.empty()) return FinishReason::other;
  if (items_.has_calls()) return FinishReason::tool_calls;
  return finish_reason_.empty() ? FinishReason::other : FinishReason::stop;
}

Result<void> ResponsesAnswer::finish(Form, bool, Decoded& out) {
  // [DONE] is no end: some servers send it whether the answer is whole or not.
  if (!ended_) return Error(ErrorKind::protocol, "the stream ended before the answer was completed: it is cut off");
  items_.finish(out.events);
  out.events.emplace_back(Finished{unified(), finish_reason_, usage_});
  return {};
}

}  // namespace abstractllm::openai_responses
