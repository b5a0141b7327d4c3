// SPDX-License-Identifier: Apache-2.0
#include "core/call_reader.hpp"

#include <atomic>
#include <utility>

#include "base/secret.hpp"
#include "core/call_log.hpp"
#include "core/endpoint.hpp"

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
  response_.timing.model = decoded.model_timing;
  response_.timing.attempts = facts.attempts;
}

/// Returns the next event that is delivered, or null.
StreamEvent* CallReader::next_event(Decoded& decoded) {
  for (; taken_ < decoded.events.size(); ++taken_) {
    auto* const ended = std::get_if<PartEnded>(&decoded.events[taken_]);
    if (ended == nullptr) return &decoded.events[taken_];
    fold_.end_part(ended->kind, stamped(std::move(ended->provider_json)), response_);
  }
  return nullptr;
}

ProviderData CallReader::stamped(std::string json) {
  if (json.empty()) return {};
  if (host_.empty()) host_ = server_of(first_request_->url);
  return {info_.provider, info_.protocol, host_, response_.model.empty() ? info_.model : response_.model,
          std::move(json)};
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
  if (auto* call = std::get_if<ToolCall>(&event); call != nullptr && !call->provider_data.empty())
    call->provider_data = stamped(call->provider_data.json());
  if (auto* call = std::get_if<HostedToolCall>(&event); call != nullptr && !call->provider_data.empty())
    call->provider_data = stamped(call->provider_data.json());
  fold_.add(event, response_);
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
  Secrets(*request_).mask(error);
  explain_address(*request_, error);
  error.provider = info_.provider;
  error.model = info_.model;
  error.delivered_events = delivered_events_;
  response_.timing.total = since(started_, clock_.now());
  error.partial = std::make_shared<const Response>(response_);
  log_response(info_, *request_, response_, &error);
  return error;
}

}  // namespace abstractllm
