// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
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

/// The deadline of the last Action has passed, and the channel has nothing, not even now.
struct DeadlinePassed {};
/// The caller wants no more.
struct StopRequested {};
/// Nothing came yet, and the waiting begins: the first call, an open that went through, or a caller who is back from
/// handling the events.
struct Proceed {};

/// One call over the wire: attempts, retries, timeouts, decoding. Sans-io: it sees neither socket nor clock nor thread;
/// a driver performs its Actions and tells it what came, and when. One thread at a time.
///
/// A limit that has passed ends the call once nothing more is there to read, so that an answer which came in time is
/// delivered even where its caller took his time; and after 8 MiB more in any case, however fast a server sends.
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
  /// The time is up, and what has already come is being read: to go on until `done`, whatever events there are.
  bool is_late() const { return late_; }
  /// How it failed; unset while it runs and where it ended well.
  const std::optional<Error>& error() const { return error_; }
  /// The provider's id of the HTTP request, once the head has come.
  const std::string& request_id() const { return request_id_; }
  int attempts() const { return attempts_; }

 private:
  enum class State { start, queued, connecting, awaiting_head, reading, reading_error, sleeping, done };

  struct Limit {
    TimePoint at = TimePoint::max();
    std::string_view option;

    void consider(TimePoint from, const std::optional<std::chrono::milliseconds>& duration, std::string_view name);
  };

  Action step(Input& input, TimePoint now);
  Action in_time(Action action, std::size_t bytes, TimePoint now);
  Limit lasting_limit() const;
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
  void note_content(std::size_t known_events, TimePoint now);
  bool is_completing() const { return complete_at_ && *complete_at_ != TimePoint::max(); }
  bool is_finished() const;
  bool finish_if_whole();

  std::shared_ptr<const Protocol> protocol_;
  std::shared_ptr<const HttpRequest> request_;
  Delivery delivery_;
  Policy policy_;
  std::function<double()> random_;

  State state_ = State::start;
  std::unique_ptr<Decoder> decoder_;
  Decoded decoded_;
  bool delivered_ = false;
  bool answered_ = false;           // text, reasoning or a tool call has come
  std::optional<bool> whole_body_;  // whether the answer is one, known from its first byte on
  std::int64_t body_bytes_ = 0;
  std::optional<Error> error_;
  std::vector<Warning> warned_;  // by the transport
  HttpHead error_head_;
  std::string error_body_;
  std::string request_id_;
  int attempts_ = 0;

  TimePoint started_{};
  TimePoint attempt_started_{};
  TimePoint waiting_since_{};
  std::optional<TimePoint> complete_at_;  // a finish reason has come: until when the rest may; max: the answer went on
  std::string_view pending_timeout_;      // the option whose deadline the last Action carried
  bool late_ = false;
  std::size_t late_bytes_ = 0;  // that came after the limit
};

}  // namespace abstractllm
