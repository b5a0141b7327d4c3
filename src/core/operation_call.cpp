// SPDX-License-Identifier: Apache-2.0
#include "core/operation_call.hpp"

#include "base/secret.hpp"
#include "base/thrown.hpp"
#include "core/endpoint.hpp"
#include "core/inherited_call.hpp"
#include "core/loop_call.hpp"
#include "drivers/blocking.hpp"

namespace abstractllm {

Error completed(Error error, const AskedOf& asked, const HttpRequest& request) {
  Secrets(request).mask(error);
  explain_address(request, error);
  error.provider = asked.provider;
  error.model = asked.model;
  return error;
}

Result<void> run_here(Sequence sequence, std::stop_token stop, const AskedOf& asked) {
  BlockingDriver driver(std::move(sequence), std::move(stop));
  const auto ran = guarded([&]() -> Result<void> {
    while (driver.run_until_output()) {
    }
    if (driver.sequence().error()) return *driver.sequence().error();
    return {};
  });
  if (ran) return {};
  const auto request = driver.sequence().last_request();
  return completed(ran.error(), asked, request ? *request : HttpRequest());
}

class SequenceOnLoop final : public LoopCall {
 public:
  SequenceOnLoop(Sequence sequence, std::stop_token stop, std::shared_ptr<Executor> executor)
      : LoopCall(std::move(sequence), std::move(stop), std::move(executor), Clock::system()) {}

  /// Returns the outcome, or nothing if there is none yet.
  std::optional<Result<void>> outcome() {
    if (is_inherited()) return Result<void>(inherited_call());
    const std::lock_guard lock(mutex_);
    if (!is_done()) return std::nullopt;
    if (const auto error = take_error()) return Result<void>(std::move(*error));
    return Result<void>();
  }
  /// Call it when there is an outcome.
  HttpRequest request() const { return request_ ? *request_ : HttpRequest(); }

 private:
  void take_output(const Sequence& sequence, bool done) override {
    if (done) request_ = sequence.last_request();
  }

  std::shared_ptr<const HttpRequest> request_;
};

class PendingSequence::Resumes final : public LoopCall::Waiter {
 public:
  void on_ready() override { waiter(); }
  std::coroutine_handle<> waiter;
};

PendingSequence::PendingSequence(Sequence sequence, std::stop_token stop, std::shared_ptr<Executor> executor,
                                 AskedOf asked)
    : asked_(std::move(asked)), resumes_(std::make_unique<Resumes>()) {
  try {
    call_ = std::make_shared<SequenceOnLoop>(std::move(sequence), std::move(stop), std::move(executor));
    call_->begin();
  } catch (...) {
    outcome_ = thrown_error();
  }
}

PendingSequence::PendingSequence(Error error) : outcome_(std::move(error)) {}

PendingSequence::~PendingSequence() {
  if (call_) call_->abandon();
}

bool PendingSequence::is_ready() {
  if (outcome_) return true;
  outcome_ = call_->outcome();
  if (outcome_ && !*outcome_) outcome_ = completed(outcome_->error(), asked_, call_->request());
  return outcome_.has_value();
}

bool PendingSequence::suspend(std::coroutine_handle<> waiter) {
  resumes_->waiter = waiter;
  return call_->await(*resumes_);
}

Result<void> PendingSequence::wait() {
  if (auto can = outcome_ ? Result<void>() : LoopCall::can_wait(); !can) return can;
  while (!is_ready()) call_->wait_for_something();
  return *outcome_;
}

Result<void> PendingSequence::take() {
  if (!is_ready()) return Error(ErrorKind::internal, "a call was resumed without an outcome");
  return *outcome_;
}

}  // namespace abstractllm
