// SPDX-License-Identifier: Apache-2.0
#include "core/loop_call.hpp"

#include <condition_variable>
#include <system_error>
#include <unordered_set>
#include <utility>

#include "base/log.hpp"
#include "base/thrown.hpp"

namespace abstractllm {
namespace {

void log_failure(const char* event, const char* what, const Error& error) noexcept {
  try {
    log({LogLevel::error, event, what + error.message, {}});
  } catch (...) {  // NOLINT(bugprone-empty-catch): without memory there is no log
  }
}

}  // namespace

/// The running calls, kept alive until each has its outcome. The set belongs to the loop.
class LoopCall::Running {
 public:
  static Running& of_the_process() {
    static constinit PerProcess<Running> running;
    return running.get();
  }

  void add(std::shared_ptr<LoopCall> call) {
    if (std::exchange(watched_, true)) {
      calls_.insert(std::move(call));
      return;
    }
    Reactor::shared().at_stop([this] { stop_all(); });
    calls_.insert(std::move(call));
  }
  void remove(const std::shared_ptr<LoopCall>& call) { calls_.erase(call); }
  bool is_stopping() const { return stopping_; }

 private:
  void stop_all() {
    stopping_ = true;
    const auto calls = calls_;  // a copy, because each call removes itself
    for (const auto& call : calls) {
      call->stop_requested_ = true;
      call->run();
    }
  }

  std::unordered_set<std::shared_ptr<LoopCall>> calls_;
  bool watched_ = false;
  bool stopping_ = false;
};

LoopCall::LoopCall(Sequence sequence, std::stop_token stop, std::shared_ptr<Executor> executor, Clock& clock)
    : clock_(clock),
      sequence_(std::make_unique<Sequence>(std::move(sequence))),
      stop_(std::move(stop)),
      executor_(std::move(executor)) {}

LoopCall::~LoopCall() {
  // The parent's loop was using it, so nothing can be destroyed here.
  if (is_inherited()) (void)driver_.release();
}

void LoopCall::begin() noexcept {
  try {
    const std::stop_token stop = std::move(stop_);
    if (stop.stop_possible())
      on_stop_.emplace(stop, [weak = weak_from_this()] {
        if (const auto call = weak.lock()) call->request_stop();
      });
    go_on();
  } catch (...) {
    give_up(thrown_error());
  }
}

void LoopCall::request_stop() noexcept {
  stop_requested_ = true;
  go_on();
}

/// Makes the loop call run() soon. It may be called from any thread.
void LoopCall::go_on() noexcept {
  if (is_inherited()) return;  // its locks may be held by threads that do not exist in this process
  if (posted_.exchange(true)) return;
  const Result<void> posted = guarded([this] { return post(); });
  if (posted) return;
  posted_ = false;
  give_up(posted.error());
}

Result<void> LoopCall::post() {
  try {
    if (Reactor::shared().post(shared_from_this())) return {};
    return Error(ErrorKind::cancelled, "the process is ending");
  } catch (const std::system_error& failure) {
    return Error(ErrorKind::internal, std::string("there is no event loop: ") + failure.what());
  }
}

void LoopCall::run() noexcept {
  if (is_inherited()) return;  // a callback that ran before this task has forked
  posted_ = false;
  try {
    advance();
  } catch (...) {
    give_up(thrown_error());
    finish();
  }
  wake_consumer();
}

void LoopCall::start() {
  Running& running = Running::of_the_process();
  running.add(shared_from_this());
  live_ = true;
  if (running.is_stopping()) stop_requested_ = true;
  driver_ = std::make_unique<EventLoopDriver>(
      std::move(*sequence_), [this] { go_on(); }, Reactor::shared(), clock_);
  sequence_.reset();
}

void LoopCall::advance() {
  bool room = true;
  {
    const std::lock_guard lock(mutex_);
    if (done_) return finish();  // given up early
  }
  if (sequence_) start();
  while (driver_ && room) {
    {
      const std::lock_guard lock(mutex_);
      room = !is_full();
    }
    if (!room && !stop_requested_) break;
    if (!driver_->run_until_output(stop_requested_)) break;
    hand_over();
  }
}

/// Moves the driver's output to where the consumer finds it.
void LoopCall::hand_over() {
  const bool done = driver_->is_done();
  {
    const std::lock_guard lock(mutex_);
    take_output(driver_->sequence(), done);
    if (done) {
      done_ = true;
      if (const std::optional<Error>& error = driver_->sequence().error()) error_ = std::make_unique<Error>(*error);
    }
  }
  if (done) finish();
}

/// The consumer gets this error after the events that have arrived. This may run on any thread, so it does not touch
/// the driver.
void LoopCall::give_up(Error error) noexcept {
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
    try {
      if (!error_) error_ = std::make_unique<Error>(std::move(error));
    } catch (
        ...) {  // NOLINT(bugprone-empty-catch): the consumer knows what to say where there is no memory to say more
    }
  }
  wake_consumer();
}

void LoopCall::finish() noexcept {
  driver_.reset();
  sequence_.reset();
  if (std::exchange(live_, false)) Running::of_the_process().remove(shared_from_this());
}

void LoopCall::wake_consumer() noexcept {
  bool direct = false;
  {
    const std::lock_guard lock(mutex_);
    if (waiter_ == nullptr || firing_ || !has_something()) return;
    firing_ = true;
    direct = direct_;
  }
  if (!executor_ || direct) return fire();
  // Another thread may run the task, and drop the last owner, before post() has returned.
  const auto self = shared_from_this();
  std::shared_ptr<std::atomic<bool>> taken;
  const Result<void> posted = guarded([&]() -> Result<void> {
    taken = std::make_shared<std::atomic<bool>>(false);
    executor_->post([self, taken] {
      if (!taken->exchange(true)) self->fire();
    });
    return {};
  });
  if (posted) return;
  log_failure("executor_failed", "the executor of a call threw: ", posted.error());
  // A call on the wrong thread is better than no call. But an executor may throw after it has taken the task.
  if (!taken || !taken->exchange(true)) fire();
}

void LoopCall::fire() noexcept {
  Waiter* waiter = nullptr;
  {
    const std::lock_guard lock(mutex_);
    firing_ = false;
    waiter = std::exchange(waiter_, nullptr);
  }
  if (waiter == nullptr) return;
  const Result<void> told = guarded([waiter]() -> Result<void> {
    waiter->on_ready();
    return {};
  });
  if (!told) log_failure("callback_threw", "what goes on after an asynchronous call threw: ", told.error());
}

bool LoopCall::await(Waiter& waiter, bool direct) {
  if (is_inherited()) return false;
  const std::lock_guard lock(mutex_);
  if (has_something()) return false;
  waiter_ = &waiter;
  direct_ = direct;
  return true;
}

void LoopCall::abandon() noexcept {
  if (is_inherited()) return;  // its locks may be held by threads that do not exist in this process
  {
    const std::lock_guard lock(mutex_);
    waiter_ = nullptr;
  }
  request_stop();
}

namespace {

class BlockedConsumer final : public LoopCall::Waiter {
 public:
  void on_ready() override {
    const std::lock_guard lock(mutex_);
    ready_ = true;
    changed_.notify_one();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ready_; });
    ready_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ready_ = false;
};

}  // namespace

Result<void> LoopCall::can_wait() {
  if (!Reactor::is_shared_thread()) return {};
  return Error(ErrorKind::invalid_argument,
               "the loop thread cannot wait for a call that it is to run: use co_await or a callback");
}

void LoopCall::wait_for_something() {
  BlockedConsumer blocked;
  if (await(blocked, true)) blocked.wait();
}

}  // namespace abstractllm
