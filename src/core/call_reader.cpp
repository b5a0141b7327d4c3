// SPDX-License-Identifier: Apache-2.0
#include "core/call_reader.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "base/secret.hpp"
#include "core/call_log.hpp"
#include "core/endpoint.hpp"
#include "core/usage_sum.hpp"

namespace abstractllm {
namespace {

std::chrono::microseconds since(TimePoint start, TimePoint now) {
  return std::chrono::duration_cast<std::chrono::microseconds>(now - start);
}

Step step_of(const Response& response, const StepFinished& finished) {
  Step step;
  step.text = response.text;
  step.reasoning = response.reasoning;
  step.tool_calls = response.tool_calls;
  step.finish_reason = finished.finish_reason;
  step.usage = finished.usage;
  const StepFinished::Details& details = finished.details();
  step.raw_finish_reason = details.raw_finish_reason;
  step.id = details.id;
  step.model = details.model;
  step.request_id = details.request_id;
  step.timing = details.timing;
  return step;
}

/// Tools end in any order.
std::vector<ToolResult> in_order_of(const std::vector<ToolCall>& calls, std::vector<ToolResult> results) {
  std::map<std::string_view, std::size_t> places;
  for (std::size_t at = 0; at < calls.size(); ++at) places.emplace(calls[at].id, at);
  const auto place = [&](const ToolResult& result) { return places.find(result.id)->second; };
  std::stable_sort(results.begin(), results.end(),
                   [&](const ToolResult& left, const ToolResult& right) { return place(left) < place(right); });
  return results;
}

std::vector<ToolCall> without_results(const Step& step) {
  std::set<std::string_view> answered;
  for (const ToolResult& result : step.tool_results) answered.insert(result.id);
  std::vector<ToolCall> open;
  for (const ToolCall& call : step.tool_calls)
    if (!answered.contains(call.id)) open.push_back(call);
  return open;
}

bool was_cut(const StreamEvent& event) {
  const auto* finished = std::get_if<Finished>(&event);
  return finished != nullptr && finished->finish_reason == FinishReason::length;
}

}  // namespace

std::int64_t next_call_id() {
  static std::atomic<std::int64_t> last = 0;
  return ++last;
}

CallReader::CallReader(CallInfo info, std::shared_ptr<const HttpRequest> request, std::vector<Warning> warnings,
                       Clock& clock)
    : info_(std::move(info)),
      request_(std::move(request)),
      clock_(clock),
      warnings_(std::move(warnings)),
      stamp_(info_.provider, info_.protocol, info_.model),
      started_(clock.now()) {
  response_.provider = info_.provider;
  first_request_ = request_;
}

void CallReader::note(const Decoded& decoded, const CallFacts& facts) {
  if (facts.request && facts.request != request_) request_ = facts.request;
  if (response_.id.empty()) response_.id = decoded.id;
  if (response_.model.empty()) response_.model = decoded.model;
  if (response_.request_id.empty() && !facts.request_id.empty()) {
    response_.request_id = facts.request_id;
    Secrets(*request_).mask(response_.request_id);
  }
  response_.usage = decoded.usage;
  if (!response_.steps.empty()) {
    response_.usage = usage_of_steps_;
    add_usage(response_.usage, decoded.usage);
  }
  response_.timing.model = decoded.model_timing;
  response_.timing.attempts = facts.attempts;
}

/// Returns the next event that is delivered, or null.
StreamEvent* CallReader::next_event(Decoded& decoded) {
  for (; taken_ < decoded.events.size(); ++taken_) {
    auto* const ended = std::get_if<PartEnded>(&decoded.events[taken_]);
    if (ended == nullptr) return &decoded.events[taken_];
    begin_step();
    fold_.end_part(ended->kind, stamp_.stamped(std::move(ended->provider_json), *first_request_, response_.model),
                   response_);
  }
  return nullptr;
}

std::optional<StreamEvent> CallReader::next(Decoded& decoded) {
  if (held_back_) return deliver(*held_back_, decoded);
  auto& events = decoded.events;
  if (next_event(decoded) == nullptr) {
    events.clear();
    taken_ = 0;
    return std::nullopt;
  }
  if (!warnings_.empty()) {
    events.insert(events.begin() + static_cast<std::ptrdiff_t>(taken_), warnings_.begin(), warnings_.end());
    warnings_.clear();
  }
  StreamEvent& event = events[taken_++];
  if (was_cut(event)) {
    held_back_ = std::exchange(
        event, Warning{"length_limit", "the answer was cut at the token limit; raise max_tokens or the context size"});
  }
  return deliver(event, decoded);
}

/// Folds `event` and moves out of it.
StreamEvent CallReader::deliver(StreamEvent& event, Decoded& decoded) {
  if (delivered_events_++ == 0) response_.timing.first_event = since(started_, clock_.now());
  // A Warning may quote the server.
  if (auto* warning = std::get_if<Warning>(&event)) Secrets(*request_).mask(warning->message);
  if (auto* call = std::get_if<ToolCall>(&event)) stamp_.stamp(*call, *first_request_, response_.model);
  if (auto* call = std::get_if<HostedToolCall>(&event)) stamp_.stamp(*call, *first_request_, response_.model);
  fold(event);
  if (const auto* warning = std::get_if<Warning>(&event)) log_warning(info_, *warning);
  if (std::holds_alternative<Finished>(event)) {
    ended_ = true;
    take_lists(decoded);
    fold_.finish(response_);
    response_.timing.total = since(started_, clock_.now());
    log_response(info_, *request_, response_, nullptr);
  }
  return std::move(event);
}

void CallReader::fold(const StreamEvent& event) {
  if (const auto* finished = std::get_if<StepFinished>(&event)) return end_step(*finished);
  if (const auto* result = std::get_if<ToolResult>(&event)) return results_.push_back(*result);
  if (!std::holds_alternative<Warning>(event) && !std::holds_alternative<Finished>(event)) begin_step();
  fold_.add(event, response_);
}

/// The response shows the latest step.
void CallReader::begin_step() {
  if (!std::exchange(step_ended_, false)) return;
  response_.text.clear();
  response_.reasoning.clear();
  response_.tool_calls.clear();
  response_.parts.clear();
  response_.finish_reason.reset();
  response_.raw_finish_reason.clear();
}

void CallReader::end_step(const StepFinished& finished) {
  begin_step();  // an answer may be empty
  fold_.finish(response_);
  response_.messages.push_back(Message::assistant(response_));
  Step step = step_of(response_, finished);
  if (!results_.empty()) {
    step.tool_results = in_order_of(step.tool_calls, std::exchange(results_, {}));
    std::vector<ToolResult> sent = step.tool_results;
    for (ToolResult& result : sent) result.duration.reset();
    response_.messages.push_back(Message::tool(std::move(sent)));
    response_.tool_calls = without_results(step);
  }
  response_.finish_reason = finished.finish_reason;
  response_.raw_finish_reason = step.raw_finish_reason;
  response_.id = step.id;
  response_.model = step.model;
  if (!step.request_id.empty()) response_.request_id = step.request_id;
  add_usage(usage_of_steps_, finished.usage);
  response_.usage = usage_of_steps_;
  response_.steps.push_back(std::move(step));
  step_ended_ = true;
}

/// Some tools have ended and others have not. Their results are not lost, but the conversation cannot go on from here.
void CallReader::add_open_step() {
  StepFinished::Details details;
  details.id = response_.id;
  details.model = response_.model;
  Step step = step_of(response_, StepFinished(FinishReason::tool_calls, Usage(), std::move(details)));
  step.tool_results = in_order_of(step.tool_calls, std::exchange(results_, {}));
  response_.tool_calls = without_results(step);
  response_.steps.push_back(std::move(step));
}

// This happens once, at the end, because the lists grow with each event.
void CallReader::take_lists(Decoded& decoded) {
  response_.logprobs_json = std::move(decoded.logprobs_json);
  response_.citations_json = std::move(decoded.citations_json);
}

Error CallReader::fail(Error error, Decoded& decoded) {
  take_lists(decoded);
  for (const Warning& warning : warnings_) {
    fold_.add(warning, response_);
    log_warning(info_, warning);
  }
  fold_.finish(response_);
  if (!results_.empty()) add_open_step();
  Secrets(*request_).mask(error);
  explain_address(*request_, error);
  error.provider = info_.provider;
  error.model = info_.model;
  error.delivered_events = delivered_events_;
  if (!response_.steps.empty()) error.attempts = response_.timing.attempts;
  response_.timing.total = since(started_, clock_.now());
  error.partial = std::make_shared<const Response>(response_);
  log_response(info_, *request_, response_, &error);
  return error;
}

}  // namespace abstractllm
