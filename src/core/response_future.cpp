// SPDX-License-Identifier: Apache-2.0
#include "core/response_future.hpp"

#include <memory>
#include <mutex>
#include <new>
#include <set>
#include <utility>

#include "base/process.hpp"
#include "core/inherited_call.hpp"

namespace abstractllm {
namespace {

using Promise = std::promise<Result<Response>>;

/// The promises of this process that wait for their outcome.
class Waiting {
 public:
  static Waiting& instance() {
    static Waiting& waiting = *new Waiting;  // leaked, because calls may end while statics are destroyed
    return waiting;
  }

  void add(const std::shared_ptr<Promise>& promise) {
    const ForkHold hold;
    const std::lock_guard lock(mutex_);
    promises_.insert(promise);
  }
  // Both steps are under one hold. So no child inherits a promise that has left the set and has no value, or the
  // reverse.
  void set(const std::shared_ptr<Promise>& promise, Result<Response> outcome) {
    const ForkHold hold;
    {
      const std::lock_guard lock(mutex_);
      promises_.erase(promise);
    }
    promise->set_value(std::move(outcome));
  }

 private:
  Waiting() {
    in_forked_child([] { instance().cancel_all(); });
  }

  void cancel_all() {
    const bool is_whole = mutex_.try_lock();
    new (&mutex_) std::mutex;  // the thread that held it does not exist in this process
    if (!is_whole) return;
    for (const auto& promise : std::exchange(promises_, {})) {
      try {
        promise->set_value(inherited_call());
      } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): no memory; the future waits
      }
    }
  }

  std::mutex mutex_;
  std::set<std::shared_ptr<Promise>> promises_;
};

}  // namespace

ResponseFuture make_response_future() {
  auto promise = std::make_shared<Promise>();
  Waiting::instance().add(promise);
  ResponseFuture made;
  made.future = promise->get_future();
  made.done = [promise](Result<Response> outcome) { Waiting::instance().set(promise, std::move(outcome)); };
  return made;
}

}  // namespace abstractllm
