// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/pending.hpp"

#include <utility>

#include "base/thrown.hpp"
#include "core/async_call.hpp"
#include "core/consumers.hpp"

namespace abstractllm {

namespace {

/// The outcome of a chat call whose events nobody reads.
class ChatOutcome final : public PendingOutcome<Response>, public AsyncCall::Waiter {
 public:
  explicit ChatOutcome(Result<CallParts> parts) {
    if (!parts) {
      outcome_ = std::move(parts).error();
      return;
    }
    try {
      call_ = std::make_shared<AsyncCall>(*std::move(parts));
      call_->begin();
    } catch (...) {
      outcome_ = thrown_error();
    }
  }
  ~ChatOutcome() override {
    if (call_) call_->abandon();
  }
  ChatOutcome(const ChatOutcome&) = delete;
  ChatOutcome& operator=(const ChatOutcome&) = delete;

  Result<Response> wait() override {
    while (!outcome_) take_event(call_->wait());
    return *outcome_;
  }

  /// Takes what is there. Returns true if it is the outcome.
  bool is_ready() override {
    while (!outcome_) {
      auto came = call_->next();
      if (!came) return false;
      take_event(*std::move(came));
    }
    return true;
  }
  bool suspend(std::coroutine_handle<> waiter) override {
    waiter_ = waiter;
    return suspend();
  }
  void on_ready() override {
    if (is_ready() || !suspend()) waiter_();
  }
  Result<Response> take() override { return *outcome_; }

 private:
  bool suspend() {
    // What arrives between the check and the wait is checked again.
    while (!call_->await(*this))
      if (is_ready()) return false;
    return true;
  }
  void take_event(Result<std::optional<StreamEvent>> came) {
    if (!came) outcome_ = std::move(came).error();
    else if (!*came) outcome_ = guarded([this]() -> Result<Response> { return call_->take_response(); });
  }

  std::shared_ptr<AsyncCall> call_;
  std::optional<Result<Response>> outcome_;
  std::coroutine_handle<> waiter_;
};

}  // namespace

PendingResponse make_pending_response(Result<CallParts> parts) {
  return PendingResponse(std::make_unique<ChatOutcome>(std::move(parts)));
}

}  // namespace abstractllm
