// SPDX-License-Identifier: Apache-2.0
#include "core/async_call.hpp"

#include <condition_variable>
#include <system_error>
#include <unordered_set>
#include <utility>

#include "base/log.hpp"

namespace abstractllm {
namespace {

// Of events that nobody has taken. One read of the socket may add its own.
constexpr std::size_t most_ready_events = 64;

}  // namespace

/// The calls that run, kept alive until each has its outcome; the loop's.
class AsyncCall::Running {
 public:
  static Running& of_the_process() {
    static Running& running = *new Running;  // leaked on purpose, like the reactor
    return running;
  }

  void add(std::shared_ptr<AsyncCall> call) {
    if (std::exchange(watched_, true)) {
      calls_.insert(std::move(call));
      return;
    }
    Reactor::shared().at_stop([this] { stop_all(); });
    calls_.insert(std::move(call));
  }
  void remove(const std::shared_ptr<AsyncCall>& call) { calls_.erase(call); }
  bool is_stopping() const { return stopping_; }

 private:
  void stop_all() {
    stopping_ = true;
    const auto calls = calls_;  // each takes itself out
    for (const auto& call : calls) {
      call->stop_requested_ = true;
      call->run();
    }
  }

  std::unordered_set<std::shared_ptr<AsyncCall>> calls_;
  bool watched_ = false;
  bool stopping_ = false;
};

AsyncCall::AsyncCall(CallParts parts, Clock& clock)
    : reader_(std::move(parts.info), parts.exchange.request(), std::move(parts.warnings), clock),
      clock_(clock),
      parts_(std::make_unique<CallParts>(std::move(parts))),
      executor_(std::move(parts_->executor)) {}

void AsyncCall::begin() {
  const std::stop_token stop = std::move(parts_->stop);
  go_on();
  if (!stop.stop_possible()) return;
  on_stop_.emplace(stop, [weak = weak_from_this()] {
    if (const auto call = weak.lock()) call->request_stop();
  });
}

void AsyncCall::request_stop() {
  stop_requested_ = true;
  go_on();
}

/// Has run() called soon; from any thread.
void AsyncCall::go_on() {
  if (posted_.exchange(true)) return;
  std::optional<Error> refused = post();
  if (!refused) return;
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
    if (!error_) error_ = std::make_unique<Error>(*std::move(refused));
  }
  wake_consumer();
}

std::optional<Error> AsyncCall::post() {
  try {
    if (Reactor::shared().post(shared_from_this())) return std::nullopt;
    return Error(ErrorKind::cancelled, "the process is ending");
  } catch (const std::system_error& failure) {
    return Error(ErrorKind::internal, std::string("there is no event loop: ") + failure.what());
  }
}

void AsyncCall::run() {
  posted_ = false;
  if (parts_) {
    Running& running = Running::of_the_process();
    running.add(shared_from_this());
    live_ = true;
    if (running.is_stopping()) stop_requested_ = true;
    driver_ = std::make_unique<EventLoopDriver>(
        std::move(parts_->exchange), std::move(parts_->transport), [this] { go_on(); }, Reactor::shared(), clock_);
    parts_.reset();
  }
  for (bool room = true; driver_ && room;) {
    {
      const std::lock_guard lock(mutex_);
      room = !full_;
    }
    if (!room && !stop_requested_) break;
    if (!driver_->run_until_events(stop_requested_)) break;
    hand_over();
  }
  wake_consumer();
}

/// Moves what the exchange has to where the consumer finds it.
void AsyncCall::hand_over() {
  Exchange& exchange = driver_->exchange();
  Decoded& decoded = exchange.decoded();
  const bool done = driver_->is_done();
  {
    const std::lock_guard lock(mutex_);
    if (ready_.events.empty()) {
      ready_.events.swap(decoded.events);
    } else {
      std::move(decoded.events.begin(), decoded.events.end(), std::back_inserter(ready_.events));
    }
    decoded.events.clear();
    ready_.facts() = decoded.facts();
    if (facts_.request_id.empty()) facts_.request_id = exchange.request_id();
    facts_.attempts = exchange.attempts();
    full_ = ready_.events.size() >= most_ready_events;
    if (done) {
      ready_.lists() = std::move(decoded.lists());
      done_ = true;
      if (exchange.error()) error_ = std::make_unique<Error>(*exchange.error());
    }
  }
  if (done) finish();
}

void AsyncCall::finish() {
  driver_.reset();
  if (std::exchange(live_, false)) Running::of_the_process().remove(shared_from_this());
}

bool AsyncCall::has_something() const { return !ready_.events.empty() || done_; }

void AsyncCall::wake_consumer() {
  bool direct = false;
  {
    const std::lock_guard lock(mutex_);
    if (waiter_ == nullptr || firing_ || !has_something()) return;
    firing_ = true;
    direct = direct_;
  }
  if (!executor_ || direct) return fire();
  try {
    executor_->post([call = shared_from_this()] { call->fire(); });
  } catch (const std::exception& failure) {
    log({LogLevel::error, "executor_failed", std::string("the executor of a call threw: ") + failure.what(), {}});
  }
}

void AsyncCall::fire() {
  Waiter* waiter = nullptr;
  {
    const std::lock_guard lock(mutex_);
    firing_ = false;
    waiter = std::exchange(waiter_, nullptr);
  }
  if (waiter != nullptr) waiter->on_ready();
}

std::optional<Result<std::optional<StreamEvent>>> AsyncCall::next() {
  using Next = Result<std::optional<StreamEvent>>;
  if (error_given_) return Next(*error_given_);
  if (reader_.has_ended()) return Next(std::optional<StreamEvent>());
  if (auto event = reader_.next(taken_)) return Next(std::move(event));
  bool was_full = false;
  std::unique_ptr<Error> error;
  {
    const std::lock_guard lock(mutex_);
    if (!has_something()) return std::nullopt;
    // What is known stays with both; events and lists move.
    taken_.events.swap(ready_.events);
    taken_.facts() = ready_.facts();
    reader_.note(taken_, facts_);
    was_full = std::exchange(full_, false);
    if (done_) taken_.lists() = std::move(ready_.lists());
    if (taken_.events.empty()) {
      error = std::move(error_);
      if (!error) error = std::make_unique<Error>(ErrorKind::internal, "the exchange ended without an outcome");
    }
  }
  if (was_full) go_on();
  if (!error) return Next(reader_.next(taken_));
  error_given_ = std::make_unique<const Error>(reader_.fail(std::move(*error), taken_));
  return Next(*error_given_);
}

bool AsyncCall::await(Waiter& waiter, bool direct) {
  const std::lock_guard lock(mutex_);
  if (has_something()) return false;
  waiter_ = &waiter;
  direct_ = direct;
  return true;
}

void AsyncCall::abandon() {
  {
    const std::lock_guard lock(mutex_);
    waiter_ = nullptr;
  }
  request_stop();
}

namespace {

class BlockedConsumer final : public AsyncCall::Waiter {
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

Result<std::optional<StreamEvent>> AsyncCall::wait() {
  if (Reactor::shared().is_this_thread())
    return Error(ErrorKind::invalid_argument,
                 "the loop thread cannot wait for a call that it is to run: use co_await or a callback");
  for (;;) {
    if (auto came = next()) return *std::move(came);
    BlockedConsumer blocked;
    if (await(blocked, true)) blocked.wait();
  }
}

}  // namespace abstractllm
