// SPDX-License-Identifier: Apache-2.0
#include "core/running_call.hpp"

#include <utility>

#include "base/secret.hpp"
#include "core/call_log.hpp"
#include "core/fold.hpp"

namespace abstractllm {
namespace {

std::chrono::microseconds since(TimePoint start, TimePoint now) {
  return std::chrono::duration_cast<std::chrono::microseconds>(now - start);
}

bool was_cut(const StreamEvent& event) {
  const auto* finished = std::get_if<Finished>(&event);
  return finished != nullptr && finished->finish_reason == FinishReason::length;
}

}  // namespace

RunningCall::RunningCall(CallInfo info, Exchange exchange, std::shared_ptr<Transport> transport, std::stop_token stop,
                         std::vector<Warning> warnings, Clock& clock)
    : info_(std::move(info)),
      clock_(clock),
      driver_(std::move(exchange), std::move(transport), std::move(stop), clock),
      warnings_(std::move(warnings)),
      started_(clock.now()) {
  response_.provider = info_.provider;
}

Result<std::optional<StreamEvent>> RunningCall::next() {
  if (error_) return *error_;
  if (ended_) return std::optional<StreamEvent>();
  if (held_back_) return delivered(*held_back_);

  auto& events = driver_.exchange().decoded().events;
  if (taken_ == events.size()) {
    events.clear();
    taken_ = 0;
    const bool has_events = driver_.run_until_events();
    take_facts();
    if (!has_events) {
      // The exchange sees to it that an answer without Finished is an error.
      error_ = fail(
          driver_.exchange().error().value_or(Error(ErrorKind::internal, "the exchange ended without an outcome")));
      return *error_;
    }
    events.insert(events.begin(), warnings_.begin(), warnings_.end());
    warnings_.clear();
  }
  StreamEvent& event = events[taken_++];
  if (was_cut(event)) {
    held_back_ = std::exchange(
        event, Warning{"length_limit", "the answer was cut at the token limit; raise max_tokens or the context size"});
  }
  return delivered(event);
}

Result<std::optional<StreamEvent>> RunningCall::delivered(StreamEvent& event) {
  if (delivered_events_++ == 0) response_.timing.first_event = since(started_, clock_.now());
  fold(event, response_);
  if (std::holds_alternative<Finished>(event)) {
    ended_ = true;
    take_lists();
    response_.timing.total = since(started_, clock_.now());
    log_response(info_, response_, nullptr);
  }
  return std::optional<StreamEvent>(std::move(event));
}

void RunningCall::take_facts() {
  Exchange& exchange = driver_.exchange();
  const Decoded& decoded = exchange.decoded();
  if (response_.id.empty()) response_.id = decoded.id;
  if (response_.model.empty()) response_.model = decoded.model;
  if (response_.request_id.empty()) response_.request_id = exchange.request_id();
  response_.usage = decoded.usage;
  response_.timing.attempts = exchange.attempts();
}

// Once, at the end: they grow with each event.
void RunningCall::take_lists() {
  Decoded& decoded = driver_.exchange().decoded();
  response_.logprobs_json = std::move(decoded.logprobs_json);
  response_.citations_json = std::move(decoded.citations_json);
}

Error RunningCall::fail(Error error) {
  take_lists();
  for (const Warning& warning : warnings_) fold(warning, response_);
  // Servers echo keys in their errors; what a user shows or logs must not hold one.
  for (const std::string_view secret : secrets_of(*driver_.exchange().request()))
    for (std::string* text : {&error.message, &error.provider_message, &error.provider_code}) mask(*text, secret);
  error.provider = info_.provider;
  error.model = info_.model;
  error.delivered_events = delivered_events_;
  error.usage = response_.usage;
  response_.timing.total = since(started_, clock_.now());
  error.partial = std::make_shared<const Response>(response_);
  log_response(info_, response_, &error);
  return error;
}

}  // namespace abstractllm
