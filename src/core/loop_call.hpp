// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>

#include "abstractllm/executor.hpp"
#include "base/process.hpp"
#include "drivers/event_loop.hpp"
#include "exchange/sequence.hpp"

namespace abstractllm {

/// One call on the event loop. It runs there and wakes its one consumer, which may be on any thread. In a forked child,
/// a call of the parent does nothing more, and no consumer is woken.
class LoopCall : public Reactor::Task, public ProcessOwned, public std::enable_shared_from_this<LoopCall> {
 public:
  /// The consumer. It is told once, on the call's executor, that the call has something.
  class Waiter {
   public:
    virtual void on_ready() = 0;

   protected:
    ~Waiter() = default;
  };

  ~LoopCall() override;

  /// Starts the call. Call it once. From then on the object lives until it has its outcome, and as long as somebody
  /// holds it. Like all that runs on the loop thread, it does not throw: a failure becomes the call's Error.
  void begin() noexcept;

  // The consumer's side. Use it on one thread at a time.

  /// Returns false if there is something now; then `waiter` will not be told. With `direct`, it is told on the thread
  /// that has the news and not on the executor.
  bool await(Waiter& waiter, bool direct = false);
  /// Blocks until there is something. It must not be called on the loop thread; check with can_wait().
  void wait_for_something();
  /// Errors: invalid_argument on the loop thread, because it cannot wait for what it has to run itself.
  static Result<void> can_wait();
  /// The consumer is gone. Nobody is told any more, and the call ends afterwards.
  void abandon() noexcept;
  /// Keeps the consumer as long as the call exists.
  void own(std::shared_ptr<void> consumer) { consumer_ = std::move(consumer); }

  /// Continues the call as far as it can, on the loop thread.
  void run() noexcept override;

 protected:
  /// The object must be held by a shared_ptr.
  LoopCall(Sequence sequence, std::stop_token stop, std::shared_ptr<Executor> executor, Clock& clock);

  void go_on() noexcept;
  /// Whether the outcome or output is available. Call it under the lock.
  bool has_something() const { return done_ || has_output(); }
  /// Returns the failure, once, if the call failed. Call it under the lock, when the call is done.
  std::unique_ptr<Error> take_error() { return std::move(error_); }

  /// Whether there is output that nobody has taken. Called under the lock.
  virtual bool has_output() const { return false; }
  /// Whether the consumer must take something before the call can continue. Called under the lock.
  virtual bool is_full() const { return false; }
  /// Takes what the driver has. Called on the loop thread, under the lock. `done` marks the last call.
  virtual void take_output(const Sequence& sequence, bool done) {
    (void)sequence;
    (void)done;
  }

  Clock& clock() const { return clock_; }
  bool is_done() const { return done_; }

  mutable std::mutex mutex_;

 private:
  class Running;

  void request_stop() noexcept;
  Result<void> post();
  void start();
  void advance();
  void hand_over();
  void give_up(Error error) noexcept;
  void finish() noexcept;
  void wake_consumer() noexcept;
  void fire() noexcept;

  std::shared_ptr<void> consumer_;
  Clock& clock_;

  std::unique_ptr<Sequence> sequence_;       // until the loop takes it
  std::stop_token stop_;                     // until begin()
  std::unique_ptr<EventLoopDriver> driver_;  // belongs to the loop
  bool live_ = false;                        // belongs to the loop: the call is in the set of running calls
  std::shared_ptr<Executor> executor_;

  std::atomic<bool> stop_requested_ = false;
  std::atomic<bool> posted_ = false;

  bool done_ = false;
  std::unique_ptr<Error> error_;
  Waiter* waiter_ = nullptr;
  bool direct_ = false;  // the waiter needs no executor
  bool firing_ = false;  // the executor was asked to tell the waiter

  // This is the last member, so it is destroyed first. No callback meets a half-destroyed call.
  std::optional<std::stop_callback<std::function<void()>>> on_stop_;
};

}  // namespace abstractllm
