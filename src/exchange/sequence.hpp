// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "exchange/exchange.hpp"

namespace abstractllm {

/// One inquiry of a call, and the policy for it.
struct Stage {
  std::shared_ptr<Inquiry> inquiry;
  Policy policy;
  bool untimed = false;  ///< it waits for a person: Policy::total_timeout stops meanwhile
};

/// The inquiries of a call, one after the other. It is sans-io, so the same plan serves every driver.
class CallPlan {
 public:
  virtual ~CallPlan() = default;

  /// Returns the next inquiry when the previous one has ended. `failure` is its error, or null if it ended well.
  /// Nothing means that the call is over. The first call comes before any inquiry. An error ends the call.
  virtual Result<std::optional<Stage>> next(const Error* failure) = 0;
};

/// Runs the inquiries of a call, so that a driver sees one exchange. Policy::total_timeout limits all of them together.
/// It is sans-io. Use it on one thread at a time.
class Sequence {
 public:
  /// Makes a call of one inquiry. For `random`, see Exchange.
  Sequence(Stage only, double (*random)()) : stage_(std::move(only)), random_(random) {}
  Sequence(std::unique_ptr<CallPlan> plan, double (*random)()) : plan_(std::move(plan)), random_(random) {}

  /// Works like Exchange::resume().
  Action resume(Exchange::Input input, TimePoint now);

  /// The current inquiry. In a call with a plan, it exists only after the first resume() has returned an open.
  Inquiry& inquiry() const { return exchange_ ? exchange_->inquiry() : *stage_->inquiry; }
  /// The request that was sent last, or null if nothing was sent.
  std::shared_ptr<const HttpRequest> last_request() const { return exchange_ ? inquiry().request() : nullptr; }
  bool has_output() const { return exchange_ && exchange_->inquiry().has_output(); }
  bool is_late() const { return exchange_ && exchange_->is_late(); }
  /// The error of a failed call. It is unset while the call runs and if it ended well.
  const std::optional<Error>& error() const { return error_; }
  /// The id of the current inquiry's request.
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
  std::optional<TimePoint> untimed_since_;
  std::optional<Error> error_;
  bool done_ = false;
};

}  // namespace abstractllm
