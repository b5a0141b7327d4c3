// SPDX-License-Identifier: Apache-2.0
#include "core/async_call.hpp"

#include <condition_variable>
#include <system_error>
#include <unordered_set>
#include <utility>

#include "base/log.hpp"
#include "base/thrown.hpp"
#include "core/inherited_call.hpp"

namespace abstractllm {
namespace {

// Of events that nobody has taken. One read of the socket may add its own.
constexpr std::size_t most_ready_events = 64;

void log_failure(const char* event, const char* what, const Error& error) noexcept {
  try {
    log({LogLevel::error, event, what + error.message, {}});
  } catch (...) {  // NOLINT(bugprone-empty-catch): without memory there is no log
  }
}

}  // namespace

/// The calls that run, kept alive until each has its outcome; the loop's.
class AsyncCall::Running {
 public:
  static Running& of_the_process() {
    static constinit PerProcess<Running> running;
    return running.get();
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

AsyncCall::~AsyncCall() {
  // The parent's loop was at work on it: there is nothing here that could be taken down.
  if (is_inherited()) (void)driver_.release();
}

void AsyncCall::begin() noexcept {
  try {
    const std::stop_token stop = std::move(parts_->stop);
    if (stop.stop_possible())
      on_stop_.emplace(stop, [weak = weak_from_this()] {
        if (const auto call = weak.lock()) call->request_stop();
      });
    go_on();
  } catch (...) {
    give_up(thrown_error());
  }
}

void AsyncCall::request_stop() noexcept {
  stop_requested_ = true;
  go_on();
}

/// Has run() called soon; from any thread.
void AsyncCall::go_on() noexcept {
  if (is_inherited()) return;  // its locks may be held by threads that do not exist here
  if (posted_.exchange(true)) return;
  const Result<void> posted = guarded([this] { return post(); });
  if (posted) return;
  posted_ = false;
  give_up(posted.error());
}

Result<void> AsyncCall::post() {
  try {
    if (Reactor::shared().post(shared_from_this())) return {};
    return Error(ErrorKind::cancelled, "the process is ending");
  } catch (const std::system_error& failure) {
    return Error(ErrorKind::internal, std::string("there is no event loop: ") + failure.what());
  }
}

void AsyncCall::run() noexcept {
  if (is_inherited()) return;  // a callback before this task has forked
  posted_ = false;
  try {
    advance();
  } catch (...) {
    give_up(thrown_error());
    finish();
  }
  wake_consumer();
}

void AsyncCall::start() {
  Running& running = Running::of_the_process();
  running.add(shared_from_this());
  live_ = true;
  if (running.is_stopping()) stop_requested_ = true;
  driver_ = std::make_unique<EventLoopDriver>(
      std::move(parts_->exchange), std::move(parts_->transport), [this] { go_on(); }, Reactor::shared(), clock_);
  parts_.reset();
}

void AsyncCall::advance() {
  bool room = true;
  {
    const std::lock_guard lock(mutex_);
    if (done_) return finish();  // given up before its time
  }
  if (parts_) start();
  while (driver_ && room) {
    {
      const std::lock_guard lock(mutex_);
      room = !full_;
    }
    if (!room && !stop_requested_) break;
    if (!driver_->run_until_events(stop_requested_)) break;
    hand_over();
  }
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

/// The consumer gets this error after the events that have come. From any thread, so that the driver is left alone.
void AsyncCall::give_up(Error error) noexcept {
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
    try {
      if (!error_) error_ = std::make_unique<Error>(std::move(error));
    } catch (...) {  // NOLINT(bugprone-empty-catch): next() knows what to say where there is no memory to say more
    }
  }
  wake_consumer();
}

void AsyncCall::finish() noexcept {
  driver_.reset();
  parts_.reset();
  if (std::exchange(live_, false)) Running::of_the_process().remove(shared_from_this());
}

bool AsyncCall::has_something() const { return !ready_.events.empty() || done_; }

void AsyncCall::wake_consumer() noexcept {
  bool direct = false;
  {
    const std::lock_guard lock(mutex_);
    if (waiter_ == nullptr || firing_ || !has_something()) return;
    firing_ = true;
    direct = direct_;
  }
  if (!executor_ || direct) return fire();
  const Result<void> posted = guarded([this]() -> Result<void> {
    executor_->post([call = shared_from_this()] { call->fire(); });
    return {};
  });
  if (posted) return;
  // Better on the wrong thread than never.
  log_failure("executor_failed",
              "the executor of a call threw, so that the call goes on on the loop thread: ", posted.error());
  fire();
}

void AsyncCall::fire() noexcept {
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

std::optional<Result<std::optional<StreamEvent>>> AsyncCall::next() noexcept {
  using Next = Result<std::optional<StreamEvent>>;
  try {
    return take_next();
  } catch (...) {
    abandon();
    return Next(thrown_error());
  }
}

std::optional<Result<std::optional<StreamEvent>>> AsyncCall::take_next() {
  using Next = Result<std::optional<StreamEvent>>;
  if (error_given_) return Next(*error_given_);
  if (reader_.has_ended()) return Next(std::optional<StreamEvent>());
  if (is_inherited()) {
    error_given_ = std::make_unique<const Error>(reader_.fail(inherited_call(), taken_));
    return Next(*error_given_);
  }
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
  if (!error) {
    if (auto event = reader_.next(taken_)) return Next(std::move(event));
    return take_next();  // there was nothing that is handed out; what comes after it decides
  }
  error_given_ = std::make_unique<const Error>(reader_.fail(std::move(*error), taken_));
  return Next(*error_given_);
}

bool AsyncCall::await(Waiter& waiter, bool direct) {
  if (is_inherited()) return false;
  const std::lock_guard lock(mutex_);
  if (has_something()) return false;
  waiter_ = &waiter;
  direct_ = direct;
  return true;
}

void AsyncCall::abandon() noexcept {
  if (is_inherited()) return;  // its locks may be held by threads that do not exist here
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
  if (Reactor::is_shared_thread())
    return Error(ErrorKind::invalid_argument,
                 "the loop thread cannot wait for a call that it is to run: use co_await or a callback");
  for (;;) {
    if (auto came = next()) return *std::move(came);
    BlockedConsumer blocked;
    if (await(blocked, true)) blocked.wait();
  }
}

}  // namespace abstractllm
