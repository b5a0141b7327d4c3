// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <coroutine>
#include <memory>
#include <utility>

#include "abstractllm/response.hpp"
#include "abstractllm/result.hpp"

namespace abstractllm {

/// The state that a Pending waits for. The library makes it; programs use Pending.
template <class Answer>
class PendingOutcome {
 public:
  virtual ~PendingOutcome() = default;
  virtual Result<Answer> wait() = 0;
  virtual bool is_ready() = 0;
  virtual bool suspend(std::coroutine_handle<> waiter) = 0;
  virtual Result<Answer> take() = 0;
};

/// An answer of a running call. `co_await` it once, or call wait(). It is move-only. Dropping it cancels the call and
/// returns at once.
///
/// The coroutine continues on the executor of the call's options. Without one, it continues on the library's loop
/// thread.
template <class Answer>
class [[nodiscard]] Pending {
 public:
  explicit Pending(std::unique_ptr<PendingOutcome<Answer>> outcome) : outcome_(std::move(outcome)) {}

  /// Blocks until the answer has arrived. Errors: those of the call; invalid_argument on the loop thread.
  Result<Answer> wait() { return outcome_->wait(); }

  bool await_ready() { return outcome_->is_ready(); }
  bool await_suspend(std::coroutine_handle<> waiter) { return outcome_->suspend(waiter); }
  Result<Answer> await_resume() { return outcome_->take(); }

 private:
  std::unique_ptr<PendingOutcome<Answer>> outcome_;
};

/// The answer of a chat call.
using PendingResponse = Pending<Response>;

}  // namespace abstractllm
