// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "abstractllm/provider.hpp"
#include "abstractllm/transport.hpp"
#include "base/clock.hpp"
#include "exchange/policy.hpp"

namespace abstractllm {

/// What the driver is to do next. It does that and nothing else, then calls resume() with what came of it.
struct Action {
  enum class Kind {
    open,   ///< send request() anew, then read
    read,   ///< wait for the next IoResult of the open channel, at most until `deadline`
    sleep,  ///< let the channel go, wait until `deadline`
    done,   ///< let the channel go; events() and error() say how it ended
  };
  Kind kind = Kind::done;
  TimePoint deadline = TimePoint::max();
};

/// The deadline of the last Action has passed.
struct DeadlinePassed {};
/// The caller wants no more.
struct StopRequested {};
/// Nothing came yet: the first call, or an open that went through.
struct Proceed {};

/// One call over the wire: attempts, retries, timeouts, decoding. Sans-io: it sees neither socket nor clock nor thread;
/// a driver performs its Actions and tells it what came, and when. One thread at a time.
class Exchange {
 public:
  using Input = std::variant<Proceed, Queued, Connected, Warning, HttpHead, BodyBytes, BodyEnd, Error, DeadlinePassed,
                             StopRequested>;

  /// `random` gives numbers from 0 up to 1, for the jitter of retries.
  Exchange(std::shared_ptr<const Protocol> protocol, std::shared_ptr<const HttpRequest> request, Delivery delivery,
           Policy policy, std::function<double()> random);

  /// Takes what came, says what to do next. After `done` it stays `done`.
  Action resume(Input input, TimePoint now);

  const std::shared_ptr<const HttpRequest>& request() const { return request_; }

  /// Events in order, not yet handed out: the caller moves them out and clears the list. What is in it counts as
  /// delivered.
  Decoded& decoded() { return decoded_; }
  /// How it failed; unset while it runs and where it ended well.
  const std::optional<Error>& error() const { return error_; }
  /// The provider's id of the HTTP request, once the head has come.
  const std::string& request_id() const { return request_id_; }
  int attempts() const { return attempts_; }

 private:
  enum class State { start, queued, connecting, awaiting_head, reading, reading_error, sleeping, done };

  Action step(Input& input, TimePoint now);
  Action open(TimePoint now);
  Action take_queued(bool waiting, TimePoint now);
  Action take_warning(Warning warning);
  Action take_head(const HttpHead& head, TimePoint now);
  Action take_bytes(std::string_view bytes, TimePoint now);
  Action take_end(TimePoint now);
  Action take_failure(Error error, TimePoint now);
  Action take_deadline(TimePoint now);
  Action read();
  Action finish_error_body(TimePoint now);
  Action retry_or_fail(Error error, TimePoint now);
  Action retry_or_fail(Error error, bool retryable, TimePoint now);
  Action fail(Error error);
  Action settle(Result<void> decoded, TimePoint now);

  std::shared_ptr<const Protocol> protocol_;
  std::shared_ptr<const HttpRequest> request_;
  Delivery delivery_;
  Policy policy_;
  std::function<double()> random_;

  State state_ = State::start;
  std::unique_ptr<Decoder> decoder_;
  Decoded decoded_;
  bool delivered_ = false;
  std::optional<Error> error_;
  std::vector<Warning> warned_;  // by the transport
  HttpHead error_head_;
  std::string error_body_;
  std::string request_id_;
  int attempts_ = 0;

  TimePoint started_{};
  TimePoint attempt_started_{};
  TimePoint last_bytes_{};
  std::string_view pending_timeout_;  // the option whose deadline the last Action carried
};

}  // namespace abstractllm
