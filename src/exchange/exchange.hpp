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

#include "abstractllm/transport.hpp"
#include "base/clock.hpp"
#include "exchange/inquiry.hpp"
#include "exchange/policy.hpp"

namespace abstractllm {

/// What the driver is to do next. It does that and nothing else, then calls resume() with what came of it.
struct Action {
  enum class Kind {
    open,   ///< send request() anew, then read
    read,   ///< wait for the next IoResult of the open channel, at most until `deadline`
    sleep,  ///< let the channel go, wait until `deadline`
    done,   ///< let the channel go; error() says how it ended
  };
  Kind kind = Kind::done;
  TimePoint deadline = TimePoint::max();
};

/// The deadline of the last Action has passed, and the channel has nothing, not even now.
struct DeadlinePassed {};
/// The caller wants no more.
struct StopRequested {};
/// Nothing came yet, and the waiting begins: the first call, an open that went through, or a caller who is back from
/// handling what was handed out.
struct Proceed {};

/// One operation over the wire: attempts, retries, redirects, timeouts. It knows bytes, and leaves their meaning to the
/// Inquiry. Sans-io: it sees neither socket nor clock nor thread; a driver performs its Actions and tells it what came,
/// and when. One thread at a time.
///
/// A limit that has passed ends the call once nothing more is there to read, so that an answer which came in time is
/// delivered even where its caller took his time; and after 8 MiB more in any case, however fast a server sends.
class Exchange {
 public:
  using Input = std::variant<Proceed, Queued, Connected, Warning, HttpHead, BodyBytes, BodyEnd, Error, DeadlinePassed,
                             StopRequested>;

  /// `random` gives numbers from 0 up to 1, for the jitter of retries.
  Exchange(std::shared_ptr<Inquiry> inquiry, Policy policy, double (*random)());

  /// Takes what came, says what to do next. After `done` it stays `done`.
  Action resume(Input input, TimePoint now);

  /// The call began before this exchange did: Policy::total_timeout counts from then.
  void set_start_of_call(TimePoint time) { call_started_ = time; }

  Inquiry& inquiry() const { return *inquiry_; }
  /// The time is up, and what has already come is being read: to go on until `done`, whatever there is to hand out.
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
  Action begin_attempt(TimePoint now);
  Action open(TimePoint now);
  Action take_queued(bool waiting, TimePoint now);
  Action take_warning(Warning warning);
  Action take_head(const HttpHead& head, TimePoint now);
  Action take_redirect(const HttpHead& head, TimePoint now);
  Action take_bytes(std::string_view bytes, TimePoint now);
  Action take_end(TimePoint now);
  Action take_failure(Error error, TimePoint now);
  Action take_deadline(TimePoint now);
  Action read();
  Action finish_error_body(TimePoint now);
  Action retry_or_fail(Error error, TimePoint now);
  Action retry_or_fail(Error error, bool retryable, TimePoint now);
  Action fail(Error error);
  Action settle(Result<void> taken, TimePoint now);
  void note_content(TimePoint now);
  bool is_completing() const { return complete_at_ && *complete_at_ != TimePoint::max(); }
  bool finish_if_whole();

  std::shared_ptr<Inquiry> inquiry_;
  Policy policy_;
  double (*random_)();

  State state_ = State::start;
  std::int64_t body_bytes_ = 0;
  std::optional<Error> error_;
  HttpHead error_head_;
  std::string error_body_;
  std::string request_id_;
  int attempts_ = 0;
  int failures_ = 0;  // in a row
  int redirects_ = 0;

  std::optional<TimePoint> call_started_;
  TimePoint attempt_started_{};
  TimePoint waiting_since_{};
  std::optional<TimePoint> complete_at_;  // a finish reason has come: until when the rest may; max: the answer went on
  std::string_view pending_timeout_;      // the option whose deadline the last Action carried
  bool late_ = false;
  std::size_t late_bytes_ = 0;  // that came after the limit
};

}  // namespace abstractllm
