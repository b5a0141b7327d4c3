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

/// One call on the event loop: it runs there, and wakes its one consumer, who is on any thread. In a forked child, a
/// call of the parent does nothing any more, and nobody is told.
class LoopCall : public Reactor::Task, public ProcessOwned, public std::enable_shared_from_this<LoopCall> {
 public:
  /// Who is told once, on the call's executor, that the call has something.
  class Waiter {
   public:
    virtual void on_ready() = 0;

   protected:
    ~Waiter() = default;
  };

  ~LoopCall() override;

  /// Once. From now on it lives until it has its outcome, and as long as somebody holds it. Throws nothing, as all that
  /// runs on the loop thread: what goes wrong is the call's Error.
  void begin() noexcept;

  // The consumer's side; one thread at a time.

  /// False: there is something now, and nobody will be told. `direct`: not on the executor but where it comes to be.
  bool await(Waiter& waiter, bool direct = false);
  /// Blocks until there is something. Not on the loop thread: check with can_wait().
  void wait_for_something();
  /// Errors: invalid_argument on the loop thread, which cannot wait for what it is to run.
  static Result<void> can_wait();
  /// The consumer is gone: nobody is told any more, and the call ends behind him.
  void abandon() noexcept;
  /// Keeps the consumer as long as the call.
  void own(std::shared_ptr<void> consumer) { consumer_ = std::move(consumer); }

  /// On the loop thread: goes on with the call as far as it can.
  void run() noexcept override;

 protected:
  /// Held by a shared_ptr.
  LoopCall(Sequence sequence, std::stop_token stop, std::shared_ptr<Executor> executor, Clock& clock);

  void go_on() noexcept;
  /// Whether the outcome or output is there. Under the lock.
  bool has_something() const { return done_ || has_output(); }
  /// The failure, once, where the call failed. Under the lock, once it is done.
  std::unique_ptr<Error> take_error() { return std::move(error_); }

  /// Output that nobody has taken. Under the lock.
  virtual bool has_output() const { return false; }
  /// The consumer must take something before the call goes on. Under the lock.
  virtual bool is_full() const { return false; }
  /// Takes over what the driver has. On the loop thread, under the lock. `done`: for the last time.
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
  std::unique_ptr<EventLoopDriver> driver_;  // the loop's
  bool live_ = false;                        // the loop's: in the set of running calls
  std::shared_ptr<Executor> executor_;

  std::atomic<bool> stop_requested_ = false;
  std::atomic<bool> posted_ = false;

  bool done_ = false;
  std::unique_ptr<Error> error_;
  Waiter* waiter_ = nullptr;
  bool direct_ = false;  // the waiter needs no executor
  bool firing_ = false;  // the executor has been asked to fire

  // Last: gone first, so that no callback meets a half-destroyed call.
  std::optional<std::stop_callback<std::function<void()>>> on_stop_;
};

}  // namespace abstractllm
