// SPDX-License-Identifier: Apache-2.0
#include "core/callbacks.hpp"

#include <atomic>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "base/log.hpp"
#include "base/thrown.hpp"
#include "core/async_call.hpp"

namespace abstractllm {
namespace {

std::string what(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& exception) {
    return exception.what();
  } catch (...) {
    return "something that is not a std::exception";
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
    while (!ended_) {
      // A callback has forked, and this is the child: the parent continues with the callbacks.
      if (call_.is_inherited()) return;
      auto came = call_.next();
      if (!came) {
        if (call_.await(*this)) return;
        continue;
      }
      if (!*came) return end(std::move(*came).error());
      if (!**came) return end(guarded([this]() -> Result<Response> { return call_.take_response(); }));
      if (on_event_) hand_out(***came);
    }
  }

 private:
  void hand_out(const StreamEvent& event) {
    try {
      on_event_(event);
    } catch (...) {
      Error error = thrown_error();
      error.kind = ErrorKind::cancelled;
      error.message = "the callback of an event threw: " + what(std::current_exception());
      log({LogLevel::error, "callback_threw", error.message, {}});
      call_.abandon();
      end(std::move(error));
    }
  }
  void end(Result<Response> outcome) {
    ended_ = true;
    give(std::exchange(done_, nullptr), std::move(outcome));
  }

  AsyncCall& call_;  // it owns this object
  std::function<void(const StreamEvent&)> on_event_;
  std::function<void(Result<Response>)> done_;
  bool ended_ = false;
};

}  // namespace

namespace {

/// Calls `task` on the executor, otherwise on the loop thread. It runs here only if neither is available. It is called
/// once, even if an executor throws after it has taken the task.
void run_elsewhere(const std::shared_ptr<Executor>& executor, std::function<void()> once) {
  const auto task = [once = std::move(once), taken = std::make_shared<std::atomic<bool>>(false)] {
    if (!taken->exchange(true)) once();
  };
  const Result<void> posted = guarded([&]() -> Result<void> {
    if (executor) executor->post(task);
    return {};
  });
  if (executor && posted) return;
  if (!posted) log({LogLevel::error, "executor_failed", "the executor of a call threw: " + posted.error().message, {}});
  const Result<bool> taken = guarded([&]() -> Result<bool> { return Reactor::shared().post(task); });
  if (!taken || !*taken) task();
}

}  // namespace

void begin_with_callbacks(Result<CallParts> parts, const std::shared_ptr<Executor>& executor,
                          std::function<void(const StreamEvent&)> on_event,
                          std::function<void(Result<Response>)> done) {
  auto call = guarded([&]() -> Result<std::shared_ptr<AsyncCall>> {
    if (!parts) return std::move(parts).error();
    return std::make_shared<AsyncCall>(*std::move(parts));
  });
  if (!call) return run_elsewhere(executor, [done = std::move(done), error = call.error()] { give(done, error); });
  auto callbacks = std::make_shared<Callbacks>(**call, std::move(on_event), std::move(done));
  (void)(*call)->await(*callbacks);  // there cannot be anything yet
  (*call)->own(std::move(callbacks));
  (*call)->begin();
}

}  // namespace abstractllm
