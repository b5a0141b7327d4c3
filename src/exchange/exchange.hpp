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

/// What the driver has to do next. It does only that, then calls resume() with the result.
struct Action {
  enum class Kind {
    open,   ///< send request() again, then read
    read,   ///< wait for the next IoResult of the open channel, at most until `deadline`
    sleep,  ///< close the channel, wait until `deadline`
    done,   ///< close the channel; error() says how the call ended
  };
  Kind kind = Kind::done;
  TimePoint deadline = TimePoint::max();
};

/// The deadline of the last Action has passed, and the channel still has nothing.
struct DeadlinePassed {};
/// The caller wants no more.
struct StopRequested {};
/// Nothing has arrived yet, and the wait begins. This follows the first call, a successful open, or a caller that has
/// returned from handling what was delivered.
struct Proceed {};

/// One operation over the wire: attempts, retries, redirects, timeouts. It knows bytes and leaves their meaning to the
/// Inquiry. It is sans-io: it sees no socket, clock or thread. A driver performs its Actions and tells it what arrived,
/// and when. Use it on one thread at a time.
///
/// A limit that has passed ends the call only when there is nothing more to read. So an answer that arrived in time is
/// delivered even if its caller was slow. After 8 MiB more the call ends in any case, however fast a server sends.
class Exchange {
 public:
  using Input = std::variant<Proceed, Queued, Connected, Warning, HttpHead, BodyBytes, BodyEnd, Error, DeadlinePassed,
                             StopRequested>;

  /// `random` returns numbers from 0 up to 1, for the jitter of retries.
  Exchange(std::shared_ptr<Inquiry> inquiry, Policy policy, double (*random)());

  /// Takes the input and returns the next Action. After `done` it always returns `done`.
  Action resume(Input input, TimePoint now);

  /// Sets the time at which the call began, if that was before this exchange. Policy::total_timeout counts from there.
  void set_start_of_call(TimePoint time) { call_started_ = time; }

  Inquiry& inquiry() const { return *inquiry_; }
  /// Whether a limit has passed and the bytes that have already arrived are being read. The driver has to continue
  /// until `done`, even if there is something to deliver.
  bool is_late() const { return late_; }
  /// The error of a failed exchange. It is unset while the exchange runs and if it ended well.
  const std::optional<Error>& error() const { return error_; }
  /// The provider's id of the HTTP request, once the head has arrived.
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
  Action take_warning(const Warning& warning);
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
  int failures_ = 0;  // consecutive failures
  int redirects_ = 0;

  std::optional<TimePoint> call_started_;
  TimePoint attempt_started_{};
  TimePoint waiting_since_{};
  // A finish reason has arrived: the deadline for the rest; max: the answer continued.
  std::optional<TimePoint> complete_at_;
  std::string_view pending_timeout_;  // the option that set the deadline of the last Action
  bool late_ = false;
  std::size_t late_bytes_ = 0;  // bytes that arrived after the limit
};

}  // namespace abstractllm
