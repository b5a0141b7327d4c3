// SPDX-License-Identifier: Apache-2.0
#include "core/callbacks.hpp"

#include <exception>
#include <string>
#include <utility>

#include "base/log.hpp"
#include "core/async_call.hpp"

namespace abstractllm {
namespace {

std::string what(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& exception) {
    return exception.what();
  } catch (...) {
    return "something that is no std::exception";
  }
}

void give(const std::function<void(Result<Response>)>& done, Result<Response> outcome) {
  try {
    done(std::move(outcome));
  } catch (...) {
    log({LogLevel::error, "callback_threw", "the callback of an outcome threw: " + what(std::current_exception()), {}});
  }
}

class Callbacks final : public AsyncCall::Waiter {
 public:
  Callbacks(AsyncCall& call, std::function<void(const StreamEvent&)> on_event,
            std::function<void(Result<Response>)> done)
      : call_(call), on_event_(std::move(on_event)), done_(std::move(done)) {}

  void on_ready() override {
    for (;;) {
      auto came = call_.next();
      if (!came) {
        if (call_.await(*this)) return;
        continue;
      }
      if (!*came) return end(std::move(*came).error());
      if (!**came) return end(call_.response());
      if (on_event_ && !hand_out(***came)) return;
    }
  }

 private:
  bool hand_out(const StreamEvent& event) {
    try {
      on_event_(event);
      return true;
    } catch (...) {
      const std::string message = "the callback of an event threw: " + what(std::current_exception());
      log({LogLevel::error, "callback_threw", message, {}});
      call_.abandon();
      end(Error(ErrorKind::cancelled, message));
      return false;
    }
  }
  void end(Result<Response> outcome) { give(std::exchange(done_, nullptr), std::move(outcome)); }

  AsyncCall& call_;  // which owns this
  std::function<void(const StreamEvent&)> on_event_;
  std::function<void(Result<Response>)> done_;
};

}  // namespace

void begin_with_callbacks(Result<CallParts> parts, std::shared_ptr<Executor> executor,
                          std::function<void(const StreamEvent&)> on_event,
                          std::function<void(Result<Response>)> done) {
  if (!parts) {
    auto fail = [done = std::move(done), error = parts.error()] { give(done, error); };
    if (executor) executor->post(std::move(fail));
    else Reactor::shared().post(std::move(fail));
    return;
  }
  auto call = std::make_shared<AsyncCall>(*std::move(parts));
  auto callbacks = std::make_shared<Callbacks>(*call, std::move(on_event), std::move(done));
  (void)call->await(*callbacks);  // nothing can be there yet
  call->own(std::move(callbacks));
  call->begin();
}

}  // namespace abstractllm
