// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/pending_response.hpp"

#include <utility>

#include "base/thrown.hpp"
#include "core/async_call.hpp"
#include "core/consumers.hpp"

namespace abstractllm {

class PendingResponse::Impl final : public AsyncCall::Waiter {
 public:
  explicit Impl(Result<CallParts> parts) {
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
  ~Impl() {
    if (call_) call_->abandon();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Result<Response> wait() {
    while (!outcome_) take(call_->wait());
    return *outcome_;
  }

  /// Takes what is there; true where it is the outcome.
  bool drain() {
    while (!outcome_) {
      auto came = call_->next();
      if (!came) return false;
      take(*std::move(came));
    }
    return true;
  }
  bool suspend(std::coroutine_handle<> waiter) {
    waiter_ = waiter;
    return suspend();
  }
  void on_ready() override {
    if (drain() || !suspend()) waiter_();
  }
  const Result<Response>& outcome() const { return *outcome_; }

 private:
  bool suspend() {
    // What comes between the look and the wait is looked at again.
    while (!call_->await(*this))
      if (drain()) return false;
    return true;
  }
  void take(Result<std::optional<StreamEvent>> came) {
    if (!came) outcome_ = std::move(came).error();
    else if (!*came) outcome_ = guarded([this]() -> Result<Response> { return call_->response(); });
  }

  std::shared_ptr<AsyncCall> call_;
  std::optional<Result<Response>> outcome_;
  std::coroutine_handle<> waiter_;
};

PendingResponse::PendingResponse(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PendingResponse::PendingResponse(PendingResponse&&) noexcept = default;
PendingResponse& PendingResponse::operator=(PendingResponse&&) noexcept = default;
PendingResponse::~PendingResponse() = default;
Result<Response> PendingResponse::wait() { return impl_->wait(); }
bool PendingResponse::await_ready() { return impl_->drain(); }
bool PendingResponse::await_suspend(std::coroutine_handle<> waiter) { return impl_->suspend(waiter); }
Result<Response> PendingResponse::await_resume() { return impl_->outcome(); }

PendingResponse make_pending_response(Result<CallParts> parts) {
  return PendingResponse(std::make_unique<PendingResponse::Impl>(std::move(parts)));
}

}  // namespace abstractllm
