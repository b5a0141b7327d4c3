// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/stream.hpp"

#include <utility>

#include "base/thrown.hpp"
#include "core/async_call.hpp"
#include "core/blocking_call.hpp"
#include "core/consumers.hpp"

namespace abstractllm {

/// It is in one of four states: not begun, read by next(), read by next_async(), or failed before it began.
class Stream::Impl final : public AsyncCall::Waiter {
 public:
  explicit Impl(Result<CallParts> parts) {
    if (parts) parts_.emplace(*std::move(parts));
    else error_ = std::move(parts).error();
    response_.provider = error_ ? error_->provider : parts_->info.provider;
  }
  ~Impl() {
    if (async_) async_->abandon();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Result<std::optional<StreamEvent>> next() {
    if (!error_ && !async_ && !blocking_)
      begin([this](CallParts parts) { blocking_ = std::make_unique<BlockingCall>(std::move(parts)); });
    if (error_) return *error_;
    return async_ ? async_->wait() : blocking_->next();
  }

  bool is_ready() {
    if (!error_ && !async_ && !blocking_)
      begin([this](CallParts parts) {
        async_ = std::make_shared<AsyncCall>(std::move(parts));
        async_->begin();
      });
    if (error_) came_ = *error_;
    else if (blocking_)
      came_ = Error(ErrorKind::invalid_argument, "this stream is read with next(): next_async() cannot take over");
    else came_ = async_->next();
    return came_.has_value();
  }
  bool suspend(std::coroutine_handle<> waiter) {
    waiter_ = waiter;
    return async_->await(*this);
  }
  Result<std::optional<StreamEvent>> take() {
    if (!came_) came_ = async_->next();
    return came_ ? *std::exchange(came_, std::nullopt)
                 : Error(ErrorKind::internal, "a stream was resumed without an event");
  }
  void on_ready() override { waiter_(); }

  const Response& response() const {
    return blocking_ ? blocking_->response() : async_ ? async_->response() : response_;
  }

 private:
  template <class Begin>
  void begin(Begin begin) {
    try {
      begin(*std::exchange(parts_, std::nullopt));
    } catch (...) {
      error_ = thrown_error();
    }
  }

  std::optional<CallParts> parts_;
  std::unique_ptr<BlockingCall> blocking_;
  std::shared_ptr<AsyncCall> async_;
  std::optional<Error> error_;
  Response response_;
  std::coroutine_handle<> waiter_;
  std::optional<Result<std::optional<StreamEvent>>> came_;
};

Stream::Stream(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Stream::Stream(Stream&&) noexcept = default;
Stream& Stream::operator=(Stream&&) noexcept = default;
Stream::~Stream() = default;
Result<std::optional<StreamEvent>> Stream::next() { return impl_->next(); }
const Response& Stream::response() const { return impl_->response(); }

const StepFinished::Details& StepFinished::details() const noexcept {
  static const Details nothing;
  return details_ ? *details_ : nothing;
}
bool StepFinished::operator==(const StepFinished& other) const {
  return finish_reason == other.finish_reason && usage == other.usage && details() == other.details();
}

bool Stream::NextEvent::await_ready() { return stream_->is_ready(); }
bool Stream::NextEvent::await_suspend(std::coroutine_handle<> waiter) { return stream_->suspend(waiter); }
Result<std::optional<StreamEvent>> Stream::NextEvent::await_resume() { return stream_->take(); }

Stream make_stream(Result<CallParts> parts) { return Stream(std::make_unique<Stream::Impl>(std::move(parts))); }

}  // namespace abstractllm
