// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <utility>

#include "abstractllm/pending.hpp"
#include "abstractllm/provider.hpp"
#include "exchange/sequence.hpp"

namespace abstractllm {

/// The provider and model of a call, for its errors.
struct AskedOf {
  std::string provider;
  std::string model;
};

/// A call that is one operation, or several of one kind. Either driver can run it.
template <class Answer>
struct OperationCall {
  AskedOf asked;
  Sequence sequence;
  std::function<Answer()> answer;  ///< call it when the sequence has ended well
  std::stop_token stop;
  std::shared_ptr<Executor> executor;
};

/// Completes the error with names, masks the keys of the request, and adds advice on its URL if that helps.
Error completed(Error error, const AskedOf& asked, const HttpRequest& request);

/// Runs the sequence on this thread. Errors: those of the call, completed.
Result<void> run_here(Sequence sequence, std::stop_token stop, const AskedOf& asked);

template <class Answer>
Result<Answer> run_here(Result<OperationCall<Answer>> call) {
  if (!call) return std::move(call).error();
  auto ran = run_here(std::move(call->sequence), std::move(call->stop), call->asked);
  if (!ran) return std::move(ran).error();
  if constexpr (std::is_void_v<Answer>) return {};
  else return call->answer();
}

/// A Sequence that runs on the event loop.
class SequenceOnLoop;

/// The part of a Pending that does not depend on the answer's type.
class PendingSequence {
 public:
  PendingSequence(Sequence sequence, std::stop_token stop, std::shared_ptr<Executor> executor, AskedOf asked);
  /// Makes a call that fails with this error at once.
  explicit PendingSequence(Error error);
  ~PendingSequence();
  PendingSequence(const PendingSequence&) = delete;
  PendingSequence& operator=(const PendingSequence&) = delete;

  Result<void> wait();
  bool is_ready();
  bool suspend(std::coroutine_handle<> waiter);
  Result<void> take();

 private:
  class Resumes;

  AskedOf asked_;
  std::shared_ptr<SequenceOnLoop> call_;
  std::unique_ptr<Resumes> resumes_;
  std::optional<Result<void>> outcome_;
};

template <class Answer>
class OperationOutcome final : public PendingOutcome<Answer> {
 public:
  explicit OperationOutcome(Error error) : pending_(std::move(error)) {}
  explicit OperationOutcome(OperationCall<Answer> call)
      : answer_(std::move(call.answer)),
        pending_(std::move(call.sequence), std::move(call.stop), std::move(call.executor), std::move(call.asked)) {}

  Result<Answer> wait() override { return answered(pending_.wait()); }
  bool is_ready() override { return pending_.is_ready(); }
  bool suspend(std::coroutine_handle<> waiter) override { return pending_.suspend(waiter); }
  Result<Answer> take() override { return answered(pending_.take()); }

 private:
  Result<Answer> answered(Result<void> ran) {
    if (!ran) return std::move(ran).error();
    if constexpr (std::is_void_v<Answer>) return {};
    else return answer_();
  }

  std::function<Answer()> answer_;
  PendingSequence pending_;
};

/// The call begins at once.
template <class Answer>
Pending<Answer> run_on_loop(Result<OperationCall<Answer>> call) {
  if (!call) return Pending<Answer>(std::make_unique<OperationOutcome<Answer>>(std::move(call).error()));
  return Pending<Answer>(std::make_unique<OperationOutcome<Answer>>(*std::move(call)));
}

}  // namespace abstractllm
