// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "exchange/exchange.hpp"

namespace abstractllm {

/// One inquiry of a call, and how patient the call is with it.
struct Stage {
  std::shared_ptr<Inquiry> inquiry;
  Policy policy;
};

/// What a call asks, one inquiry after the other. Sans-io, so the same plan serves every driver.
class CallPlan {
 public:
  virtual ~CallPlan() = default;

  /// What to ask next, once the inquiry before has ended: with `failure`, or well where that is null. Nothing: the call
  /// is over. The first call comes before anything was asked. Errors end the call.
  virtual Result<std::optional<Stage>> next(const Error* failure) = 0;
};

/// Runs the inquiries of a call, so that a driver sees one exchange. One limit for all of them is
/// Policy::total_timeout. Sans-io. One thread at a time.
class Sequence {
 public:
  /// A call of one inquiry. `random`: see Exchange.
  Sequence(Stage only, double (*random)()) : stage_(std::move(only)), random_(random) {}
  Sequence(std::unique_ptr<CallPlan> plan, double (*random)()) : plan_(std::move(plan)), random_(random) {}

  /// As Exchange::resume().
  Action resume(Exchange::Input input, TimePoint now);

  /// The present inquiry. Of a call with a plan, not before the first resume() has asked for an open.
  Inquiry& inquiry() const { return exchange_ ? exchange_->inquiry() : *stage_->inquiry; }
  /// What was sent last; null before anything was.
  std::shared_ptr<const HttpRequest> last_request() const { return exchange_ ? inquiry().request() : nullptr; }
  bool has_output() const { return exchange_ && exchange_->inquiry().has_output(); }
  bool is_late() const { return exchange_ && exchange_->is_late(); }
  /// How the call failed; unset while it runs and where it ended well.
  const std::optional<Error>& error() const { return error_; }
  /// Of the present inquiry.
  std::string request_id() const { return exchange_ ? exchange_->request_id() : std::string(); }
  int attempts() const { return exchange_ ? exchange_->attempts() : 0; }

 private:
  Action begin(TimePoint now);
  Action go_on(TimePoint now);
  Action fail(Error error);

  std::optional<Stage> stage_;  // the next one
  std::unique_ptr<CallPlan> plan_;
  double (*random_)();
  std::optional<Exchange> exchange_;
  std::optional<TimePoint> started_;
  std::optional<Error> error_;
  bool done_ = false;
};

}  // namespace abstractllm
