// SPDX-License-Identifier: Apache-2.0
#include "exchange/exchange.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "base/http_status.hpp"
#include "exchange/redirect.hpp"

namespace abstractllm {
namespace {

// This is enough for any error that a program can act on. The rest of a larger error page is discarded.
constexpr std::size_t longest_error_body = 64 * 1024;
// Usage and the end mark follow at once, or not at all.
constexpr std::chrono::milliseconds longest_after_finish_reason{2000};
// This is more than a socket buffers: Linux keeps 6 MiB there by default (tcp_rmem).
constexpr std::size_t most_late_bytes = std::size_t{8} << 20;
// Each read counts as at least this much, so that single bytes reach the limit too.
constexpr std::size_t least_late_bytes = 1024;

Error no_head() { return {ErrorKind::protocol, "the answer has no head"}; }

Error cancelled() { return {ErrorKind::cancelled, "the call was cancelled"}; }

std::string seconds(std::chrono::milliseconds duration) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%g s", static_cast<double>(duration.count()) / 1000.0);
  return text.data();
}

Error timed_out(std::string_view option, const Policy& policy) {
  if (option == "connect_timeout")
    return {ErrorKind::timeout, "no connection within " + seconds(*policy.connect_timeout) + " (connect_timeout)"};
  if (option == "first_event_timeout")
    return {ErrorKind::timeout, "no " + std::string(policy.awaited) + " within " +
                                    seconds(*policy.first_event_timeout) + " (first_event_timeout)"};
  if (option == "idle_timeout")
    return {ErrorKind::timeout, "the answer fell silent for " + seconds(*policy.idle_timeout) + " (" +
                                    std::string(policy.idle_setting) + ")"};
  if (option == "finish_reason")
    return {ErrorKind::protocol, "the answer gave a finish reason, but did not come to its end"};
  return {ErrorKind::timeout, "the call took longer than " + seconds(*policy.total_timeout) + " (timeout)"};
}

Error too_large(const Policy& policy) {
  return {ErrorKind::protocol, "the answer is larger than " + std::to_string(policy.max_response_bytes) +
                                   " bytes: raise max_response_bytes if it may be"};
}

}  // namespace

Exchange::Exchange(std::shared_ptr<Inquiry> inquiry, Policy policy, double (*random)())
    : inquiry_(std::move(inquiry)), policy_(std::move(policy)), random_(random) {}

Action Exchange::resume(Input input, TimePoint now) {
  late_ = false;
  if (state_ == State::done) return {};
  if (std::holds_alternative<StopRequested>(input)) return fail(cancelled());
  const auto* body = std::get_if<BodyBytes>(&input);
  const std::size_t bytes = body == nullptr ? 0 : body->bytes.size();
  const Action action = step(input, now);
  return action.kind == Action::Kind::read ? in_time(action, bytes, now) : action;
}

/// Bytes that keep coming must not extend a limit, so it is checked after every input.
Action Exchange::in_time(Action action, std::size_t bytes, TimePoint now) {
  late_ = now >= lasting_limit().at;
  late_bytes_ = late_ ? late_bytes_ + std::max(bytes, least_late_bytes) : 0;
  if (late_bytes_ <= most_late_bytes) return action;
  late_ = false;
  return take_deadline(now);
}

Action Exchange::step(Input& input, TimePoint now) {
  if (state_ == State::start) {
    if (!call_started_) call_started_ = now;
    return begin_attempt(now);
  }
  if (std::holds_alternative<DeadlinePassed>(input)) return take_deadline(now);
  if (auto* error = std::get_if<Error>(&input)) return take_failure(std::move(*error), now);
  if (auto* warning = std::get_if<Warning>(&input)) return take_warning(*warning);
  if (auto* head = std::get_if<HttpHead>(&input)) return take_head(*head, now);
  if (auto* bytes = std::get_if<BodyBytes>(&input)) return take_bytes(bytes->bytes, now);
  if (std::holds_alternative<BodyEnd>(input)) return take_end(now);
  if (const auto* queued = std::get_if<Queued>(&input)) return take_queued(queued->waiting, now);
  if (std::holds_alternative<Connected>(input) && state_ == State::connecting) {
    state_ = State::awaiting_head;
    waiting_since_ = now;
  }
  if (std::holds_alternative<Proceed>(input)) waiting_since_ = now;
  return read();
}

Action Exchange::begin_attempt(TimePoint now) {
  ++attempts_;
  redirects_ = 0;
  if (Result<void> ready = inquiry_->restart(); !ready) return fail(std::move(ready).error());
  return open(now);
}

Action Exchange::open(TimePoint now) {
  state_ = State::connecting;
  attempt_started_ = waiting_since_ = now;
  complete_at_.reset();
  body_bytes_ = 0;
  Action action = read();
  action.kind = Action::Kind::open;
  return action;
}

void Exchange::Limit::consider(TimePoint from, const std::optional<std::chrono::milliseconds>& duration,
                               std::string_view name) {
  if (!duration || from + *duration >= at) return;
  at = from + *duration;
  option = name;
}

/// Returns the nearest limit that bytes do not extend.
Exchange::Limit Exchange::lasting_limit() const {
  Limit limit;
  limit.consider(*call_started_, policy_.total_timeout, "timeout");
  if (is_completing()) limit.consider(*complete_at_, std::chrono::milliseconds(0), "finish_reason");
  else if (!inquiry_->reading().answered && state_ != State::queued)
    limit.consider(attempt_started_, policy_.first_event_timeout, "first_event_timeout");
  return limit;
}

// Waits until the nearest deadline that applies now. Its name is kept, so that the error can say which one passed.
Action Exchange::read() {
  Limit limit = lasting_limit();
  if (state_ == State::connecting) limit.consider(attempt_started_, policy_.connect_timeout, "connect_timeout");
  const bool began = (state_ == State::reading || state_ == State::awaiting_head) && inquiry_->reading().flowing;
  if (began || state_ == State::reading_error) limit.consider(waiting_since_, policy_.idle_timeout, "idle_timeout");
  pending_timeout_ = limit.option;
  return {Action::Kind::read, limit.at};
}

Action Exchange::take_queued(bool waiting, TimePoint now) {
  if (waiting && state_ == State::connecting) state_ = State::queued;
  if (!waiting && state_ == State::queued) {
    state_ = State::connecting;
    attempt_started_ = now;
  }
  return read();
}

// A Warning is not part of the answer, so the request may still be repeated after it.
Action Exchange::take_warning(const Warning& warning) {
  if (policy_.strict) return fail({ErrorKind::unsupported, warning.message + " (strict)"});
  inquiry_->warn(warning);
  return read();
}

Action Exchange::take_head(const HttpHead& head, TimePoint now) {
  waiting_since_ = now;
  request_id_ = inquiry_->request_id(head);
  if (is_redirect(head.status) && policy_.max_redirects > 0) return take_redirect(head, now);
  if (head.status >= 300) {
    error_head_ = head;
    error_body_.clear();
    state_ = State::reading_error;
    return read();
  }
  if (Result<void> taken = inquiry_->take_head(head); !taken) return retry_or_fail(std::move(taken).error(), now);
  state_ = State::reading;
  return read();
}

Action Exchange::take_redirect(const HttpHead& head, TimePoint now) {
  if (++redirects_ > policy_.max_redirects)
    return fail({ErrorKind::protocol, "more than " + std::to_string(policy_.max_redirects) + " redirects"});
  auto target = redirect_target(inquiry_->request()->url, head);
  if (!target) return fail(std::move(target).error());
  if (Result<void> led = inquiry_->redirect(head, *target); !led) return fail(std::move(led).error());
  return open(now);
}

Action Exchange::take_bytes(std::string_view bytes, TimePoint now) {
  waiting_since_ = now;
  if (state_ == State::reading_error) {
    error_body_.append(bytes.substr(0, longest_error_body - error_body_.size()));
    return error_body_.size() < longest_error_body ? read() : finish_error_body(now);
  }
  if (state_ != State::reading) return retry_or_fail(no_head(), now);
  const std::string_view taken = bytes.substr(0, static_cast<std::size_t>(policy_.max_response_bytes - body_bytes_));
  body_bytes_ += static_cast<std::int64_t>(taken.size());
  Result<void> read = inquiry_->feed(taken);
  note_content(now);
  const Action action = settle(std::move(read), now);
  if (taken.size() == bytes.size() || action.kind != Action::Kind::read) return action;
  return finish_if_whole() ? settle({}, now) : fail(too_large(policy_));
}

void Exchange::note_content(TimePoint now) {
  const Reading& reading = inquiry_->reading();
  // Some servers send a finish reason with each piece. Then it does not announce the end.
  if (complete_at_ && reading.new_content) complete_at_ = TimePoint::max();
  else if (!complete_at_ && reading.finish_reason) complete_at_ = now + longest_after_finish_reason;
}

Action Exchange::take_end(TimePoint now) {
  if (state_ == State::reading_error) return finish_error_body(now);
  if (state_ != State::reading) return retry_or_fail(no_head(), now);
  return settle(inquiry_->finish(), now);
}

/// An error after the answer's own end is not a failure of the answer.
bool Exchange::finish_if_whole() { return state_ == State::reading && inquiry_->finish_if_whole(); }

Action Exchange::settle(Result<void> taken, TimePoint now) {
  if (!taken) return retry_or_fail(std::move(taken).error(), now);
  if (!inquiry_->reading().finished) return read();
  state_ = State::done;
  return {};
}

Action Exchange::take_failure(Error error, TimePoint now) {
  // Half an error body still says more than "connection reset".
  if (state_ == State::reading_error) return finish_error_body(now);
  if (finish_if_whole()) return settle({}, now);
  // Only connecting has a time limit in the layers below, and a connection that was never made has cost nothing.
  const bool retryable = is_retryable(error) || error.kind == ErrorKind::timeout;
  return retry_or_fail(std::move(error), retryable, now);
}

Action Exchange::take_deadline(TimePoint now) {
  if (state_ == State::sleeping) return begin_attempt(now);
  // The status is known. It says more than a timeout while its explanation is read.
  if (state_ == State::reading_error) return finish_error_body(now);
  if (finish_if_whole()) return settle({}, now);
  // A connection that was never made has cost nothing, and another attempt may find a better address.
  const bool retryable =
      pending_timeout_ == "connect_timeout" || (policy_.retry_silence && pending_timeout_ != "timeout");
  return retry_or_fail(timed_out(pending_timeout_, policy_), retryable, now);
}

Action Exchange::finish_error_body(TimePoint now) {
  Error error = inquiry_->decode_error(error_head_, error_body_);
  error.http_status = error_head_.status;
  // The servers of OpenAI and Anthropic send this if they know that a retry is useless.
  const std::string* should_retry = error_head_.header("x-should-retry");
  const bool retryable = is_retryable(error) && (should_retry == nullptr || *should_retry != "false");
  return retry_or_fail(std::move(error), retryable, now);
}

Action Exchange::retry_or_fail(Error error, TimePoint now) {
  const bool retryable = is_retryable(error);
  return retry_or_fail(std::move(error), retryable, now);
}

Action Exchange::retry_or_fail(Error error, bool retryable, TimePoint now) {
  const Reading& reading = inquiry_->reading();
  failures_ = reading.advanced ? 0 : failures_ + 1;
  if (reading.delivered || !retryable || failures_ > policy_.max_retries) return fail(std::move(error));
  const auto delay = retry_delay(policy_, error, failures_ + 1, random_());
  if (!delay) return fail(std::move(error));
  // If the wait would outlast the call, the caller gets the failure now.
  if (policy_.total_timeout && now + *delay >= *call_started_ + *policy_.total_timeout) return fail(std::move(error));
  if (policy_.on_retry) policy_.on_retry(error, *delay);
  state_ = State::sleeping;
  return {Action::Kind::sleep, now + *delay};
}

Action Exchange::fail(Error error) {
  error.attempts = attempts_;
  if (error.request_id.empty()) error.request_id = request_id_;
  error_ = std::move(error);
  state_ = State::done;
  return {};
}

}  // namespace abstractllm
