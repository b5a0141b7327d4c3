// SPDX-License-Identifier: Apache-2.0
#include "exchange/exchange.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "base/answer_head.hpp"

namespace abstractllm {
namespace {

// Enough for any error a program can act on; the rest of a huge error page is thrown away.
constexpr std::size_t longest_error_body = 64 * 1024;

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
    return {ErrorKind::timeout, "no event within " + seconds(*policy.first_event_timeout) + " (first_event_timeout)"};
  if (option == "idle_timeout")
    return {ErrorKind::timeout, "the answer fell silent for " + seconds(*policy.idle_timeout) + " (idle_timeout)"};
  return {ErrorKind::timeout, "the call took longer than " + seconds(*policy.total_timeout) + " (timeout)"};
}

}  // namespace

Exchange::Exchange(std::shared_ptr<const Protocol> protocol, std::shared_ptr<const HttpRequest> request,
                   Delivery delivery, Policy policy, std::function<double()> random)
    : protocol_(std::move(protocol)),
      request_(std::move(request)),
      delivery_(delivery),
      policy_(policy),
      random_(std::move(random)) {}

Action Exchange::resume(Input input, TimePoint now) {
  if (state_ == State::done) return {};
  if (std::holds_alternative<StopRequested>(input)) return fail(cancelled());
  return step(input, now);
}

Action Exchange::step(Input& input, TimePoint now) {
  if (state_ == State::start) {
    started_ = now;
    return open(now);
  }
  if (std::holds_alternative<DeadlinePassed>(input)) return take_deadline(now);
  if (auto* error = std::get_if<Error>(&input)) return take_failure(std::move(*error), now);
  if (auto* warning = std::get_if<Warning>(&input)) return take_warning(std::move(*warning));
  if (auto* head = std::get_if<HttpHead>(&input)) return take_head(*head, now);
  if (auto* bytes = std::get_if<BodyBytes>(&input)) return take_bytes(bytes->bytes, now);
  if (std::holds_alternative<BodyEnd>(input)) return take_end(now);
  if (const auto* queued = std::get_if<Queued>(&input)) return take_queued(queued->waiting, now);
  if (std::holds_alternative<Connected>(input) && state_ == State::connecting) state_ = State::awaiting_head;
  return read();
}

Action Exchange::open(TimePoint now) {
  state_ = State::connecting;
  ++attempts_;
  attempt_started_ = last_bytes_ = now;
  Action action = read();
  action.kind = Action::Kind::open;
  return action;
}

// The nearest of the deadlines that apply now, remembered by name so that its passing can be explained.
Action Exchange::read() {
  Action action{Action::Kind::read, TimePoint::max()};
  const auto consider = [&](TimePoint from, const std::optional<std::chrono::milliseconds>& limit,
                            std::string_view option) {
    if (!limit || from + *limit >= action.deadline) return;
    action.deadline = from + *limit;
    pending_timeout_ = option;
  };
  consider(started_, policy_.total_timeout, "timeout");
  if (state_ == State::connecting) consider(attempt_started_, policy_.connect_timeout, "connect_timeout");
  if (!delivered_ && state_ != State::queued)
    consider(attempt_started_, policy_.first_event_timeout, "first_event_timeout");
  if (state_ == State::reading || state_ == State::reading_error)
    consider(last_bytes_, policy_.idle_timeout, "idle_timeout");
  return action;
}

Action Exchange::take_queued(bool waiting, TimePoint now) {
  if (waiting && state_ == State::connecting) state_ = State::queued;
  if (!waiting && state_ == State::queued) {
    state_ = State::connecting;
    attempt_started_ = now;
  }
  return read();
}

// It is no part of the answer: the request may still be repeated after it.
Action Exchange::take_warning(Warning warning) {
  if (policy_.strict) return fail({ErrorKind::unsupported, warning.message + " (strict)"});
  if (std::find(warned_.begin(), warned_.end(), warning) == warned_.end()) {
    decoded_.events.emplace_back(warning);
    warned_.push_back(std::move(warning));
  }
  return read();
}

Action Exchange::take_head(const HttpHead& head, TimePoint now) {
  last_bytes_ = now;
  request_id_ = abstractllm::request_id(head);
  // A redirect is not followed: the key would go to whom the user has not named.
  if (head.status >= 300) {
    error_head_ = head;
    error_body_.clear();
    state_ = State::reading_error;
  } else {
    decoder_ = protocol_->decoder(delivery_);
    state_ = State::reading;
  }
  return read();
}

Action Exchange::take_bytes(std::string_view bytes, TimePoint now) {
  last_bytes_ = now;
  if (state_ == State::reading_error) {
    error_body_.append(bytes.substr(0, longest_error_body - std::min(longest_error_body, error_body_.size())));
    return read();
  }
  return settle(decoder_->feed(bytes, decoded_), now);
}

Action Exchange::take_end(TimePoint now) {
  if (state_ == State::reading_error) return finish_error_body(now);
  if (state_ != State::reading) return retry_or_fail({ErrorKind::protocol, "the answer has no head"}, now);
  const Result<void> ended = decoder_->finish(decoded_);
  if (ended && (decoded_.events.empty() || !std::holds_alternative<Finished>(decoded_.events.back())))
    return fail(
        {ErrorKind::internal, "protocol " + std::string(protocol_->name()) + " ended an answer without Finished"});
  return settle(ended, now);
}

Action Exchange::settle(Result<void> decoded, TimePoint now) {
  delivered_ = delivered_ || !decoded_.events.empty();
  // Finished is the last event of an answer: whatever happens to the connection after it, the answer is whole.
  if (!decoded_.events.empty() && std::holds_alternative<Finished>(decoded_.events.back())) {
    state_ = State::done;
    return {};
  }
  if (decoded) return read();
  return retry_or_fail(std::move(decoded).error(), now);
}

Action Exchange::take_failure(Error error, TimePoint now) {
  // Half an error body still says more than "connection reset".
  if (state_ == State::reading_error) return finish_error_body(now);
  // What broke after the answer's own end is no failure of the answer.
  if (state_ == State::reading && decoder_->finish(decoded_)) return settle({}, now);
  // Only connecting has a time limit below us, and a connection that was never made has cost nothing.
  const bool retryable = is_retryable(error) || error.kind == ErrorKind::timeout;
  return retry_or_fail(std::move(error), retryable, now);
}

Action Exchange::take_deadline(TimePoint now) {
  if (state_ == State::sleeping) return open(now);
  // A connection that was never made has cost nothing: another attempt may find a better address.
  const bool retryable = pending_timeout_ == "connect_timeout";
  return retry_or_fail(timed_out(pending_timeout_, policy_), retryable, now);
}

Action Exchange::finish_error_body(TimePoint now) {
  Error error = protocol_->decode_error(error_head_, error_body_);
  error.http_status = error_head_.status;
  // What the servers of OpenAI and Anthropic send where they know that a repetition is in vain.
  const std::string* should_retry = error_head_.header("x-should-retry");
  const bool retryable = is_retryable(error) && (should_retry == nullptr || *should_retry != "false");
  return retry_or_fail(std::move(error), retryable, now);
}

Action Exchange::retry_or_fail(Error error, TimePoint now) {
  const bool retryable = is_retryable(error);
  return retry_or_fail(std::move(error), retryable, now);
}

Action Exchange::retry_or_fail(Error error, bool retryable, TimePoint now) {
  if (delivered_ || !retryable || attempts_ > policy_.max_retries) return fail(std::move(error));
  const auto delay = retry_delay(policy_, error, attempts_ + 1, random_());
  if (!delay) return fail(std::move(error));
  // A wait that would outlive the call is no wait: the caller hears of the failure now.
  if (policy_.total_timeout && now + *delay >= started_ + *policy_.total_timeout) return fail(std::move(error));
  state_ = State::sleeping;
  decoder_.reset();
  decoded_ = {};
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
