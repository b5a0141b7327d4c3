// SPDX-License-Identifier: Apache-2.0
#include "exchange/sequence.hpp"

#include <utility>

namespace abstractllm {

Action Sequence::resume(Exchange::Input input, TimePoint now) {
  if (done_) return {};
  if (!exchange_) {
    if (std::holds_alternative<StopRequested>(input)) return fail({ErrorKind::cancelled, "the call was cancelled"});
    started_ = now;
    return stage_ ? begin(now) : go_on(now);
  }
  const Action action = exchange_->resume(std::move(input), now);
  return action.kind == Action::Kind::done ? go_on(now) : action;
}

Action Sequence::begin(TimePoint now) {
  if (stage_->untimed) {
    untimed_since_ = now;
    stage_->policy.total_timeout.reset();
  }
  exchange_.emplace(std::move(stage_->inquiry), stage_->policy, random_);
  stage_.reset();
  exchange_->set_start_of_call(*started_);
  const Action action = exchange_->resume(Proceed{}, now);
  return action.kind == Action::Kind::done ? go_on(now) : action;
}

Action Sequence::go_on(TimePoint now) {
  if (untimed_since_) *started_ += now - *std::exchange(untimed_since_, std::nullopt);
  const Error* failure = exchange_ && exchange_->error() ? &*exchange_->error() : nullptr;
  const bool cancelled = failure != nullptr && failure->kind == ErrorKind::cancelled;
  if (!plan_ || cancelled) {
    if (failure != nullptr) return fail(*failure);
    done_ = true;
    return {};
  }
  auto next = plan_->next(failure);
  if (!next) return fail(std::move(next).error());
  if (!*next) {
    done_ = true;
    return {};
  }
  stage_ = **std::move(next);
  return begin(now);
}

Action Sequence::fail(Error error) {
  error_ = std::move(error);
  done_ = true;
  return {};
}

}  // namespace abstractllm
