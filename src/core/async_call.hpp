// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "core/call_parts.hpp"
#include "drivers/event_loop.hpp"

namespace abstractllm {

/// One call on the event loop: it runs there, fills a bounded list of events, and wakes its one consumer, who is on any
/// thread. A consumer that takes nothing stops the transfer until he does. In a forked child, a call of the parent ends
/// in `cancelled` for whoever asks; nobody is told.
class AsyncCall final : public Reactor::Task, public ProcessOwned, public std::enable_shared_from_this<AsyncCall> {
 public:
  /// Who is told once, on the call's executor, that next() has something.
  class Waiter {
   public:
    virtual void on_ready() = 0;

   protected:
    ~Waiter() = default;
  };

  /// Held by a shared_ptr.
  explicit AsyncCall(CallParts parts, Clock& clock = Clock::system());
  ~AsyncCall() override;

  /// Once. From now on it lives until it has its outcome, and as long as somebody holds it. Throws nothing, as all that
  /// runs on the loop thread: what goes wrong is the call's Error.
  void begin() noexcept;

  // The consumer's side; one thread at a time.

  /// An event, the end, or an error, as Stream::next(); nothing: not yet.
  std::optional<Result<std::optional<StreamEvent>>> next() noexcept;
  /// False: next() has something now, and nobody will be told. `direct`: not on the executor but where it comes to be.
  bool await(Waiter& waiter, bool direct = false);
  /// Blocks until next() has something. Not on the loop thread.
  Result<std::optional<StreamEvent>> wait();
  /// The consumer is gone: nobody is told any more, and the call ends behind him.
  void abandon() noexcept;
  /// Keeps the consumer as long as the call.
  void own(std::shared_ptr<void> consumer) { consumer_ = std::move(consumer); }
  const Response& response() const { return reader_.response(); }

  /// On the loop thread: goes on with the call as far as it can.
  void run() noexcept override;

 private:
  class Running;

  void request_stop() noexcept;
  void go_on() noexcept;
  Result<void> post();
  void start();
  void advance();
  void hand_over();
  void give_up(Error error) noexcept;
  void finish() noexcept;
  void wake_consumer() noexcept;
  void fire() noexcept;
  std::optional<Result<std::optional<StreamEvent>>> take_next();
  bool has_something() const;

  CallReader reader_;
  Decoded taken_;                             // the consumer's: events that the loop has handed over
  std::unique_ptr<const Error> error_given_;  // on the heap: few calls have one
  std::shared_ptr<void> consumer_;
  Clock& clock_;

  std::unique_ptr<CallParts> parts_;         // until the loop takes them
  std::unique_ptr<EventLoopDriver> driver_;  // the loop's
  bool live_ = false;                        // the loop's: in the set of running calls
  std::shared_ptr<Executor> executor_;

  std::atomic<bool> stop_requested_ = false;
  std::atomic<bool> posted_ = false;

  mutable std::mutex mutex_;
  Decoded ready_;  // from the loop to the consumer
  CallFacts facts_;
  bool full_ = false;  // the loop waits for the consumer
  bool done_ = false;
  std::unique_ptr<Error> error_;
  Waiter* waiter_ = nullptr;
  bool direct_ = false;  // the waiter needs no executor
  bool firing_ = false;  // the executor has been asked to fire

  // Last: gone first, so that no callback meets a half-destroyed call.
  std::optional<std::stop_callback<std::function<void()>>> on_stop_;
};

}  // namespace abstractllm
