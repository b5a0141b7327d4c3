// SPDX-License-Identifier: Apache-2.0
#include "base/reactor.hpp"

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "base/log.hpp"

namespace abstractllm {
namespace {

// A task that takes longer delays every other call by the same time.
constexpr std::chrono::milliseconds long_for_a_task{100};
constexpr std::chrono::seconds long_for_any{1};
// A callback that never returns must not keep the process from ending.
constexpr std::chrono::seconds longest_stop{2};

thread_local const Reactor* reactor_of_this_thread = nullptr;

class FunctionTask final : public Reactor::Task {
 public:
  explicit FunctionTask(std::function<void()> function) : function_(std::move(function)) {}
  void run() override { function_(); }

 private:
  std::function<void()> function_;
};

std::int64_t nanoseconds(TimePoint time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

void report_blocked(std::chrono::nanoseconds elapsed, std::string_view which) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(elapsed).count();
  log({LogLevel::warn,
       "loop_blocked",
       std::string(which) + " the event loop for " + std::to_string(ms) +
           " ms: all asynchronous calls wait for it; give slow callbacks an executor",
       {}});
}

/// An exception here would end the process. The owner of a task makes sure that its call still has a result.
template <class Function>
void run_safely(Function&& function) {
  try {
    function();
  } catch (const std::exception& thrown) {
    log({LogLevel::error, "loop_threw", std::string("on the event loop something threw: ") + thrown.what(), {}});
  } catch (...) {
    log({LogLevel::error, "loop_threw", "on the event loop something threw", {}});
  }
}

constinit PerProcess<Reactor> shared_reactor;

}  // namespace

Reactor& Reactor::shared() {
  return shared_reactor.get([] {
    auto made = std::make_unique<Reactor>();
    made->start();
    return made;
  });
}

bool Reactor::is_shared_thread() {
  return reactor_of_this_thread != nullptr && reactor_of_this_thread == shared_reactor.get_if();
}

void Reactor::start() {
  thread_ = std::thread([this] {
    reactor_of_this_thread = this;
    run();
  });
  stop_at_exit();
}

void Reactor::stop_at_exit() {
  // In a forked child there may be no reactor, or another one.
  std::atexit([] {
    if (Reactor* reactor = shared_reactor.get_if()) reactor->stop();
  });
}

void Reactor::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  poller_.wake();
  if (is_this_thread()) return;
  std::unique_lock lock(mutex_);
  const bool in_time = ended_changed_.wait_for(lock, longest_stop, [&] { return ended_; });
  lock.unlock();
  if (!thread_.joinable()) return;
  // Joined, so that the libraries' data for the thread is destroyed before the libraries.
  if (in_time) thread_.join();
  else thread_.detach();
}

bool Reactor::post(std::shared_ptr<Task> task) {
  if (is_inherited()) return false;
  if (is_this_thread()) {
    own_.push_back(std::move(task));
    return true;
  }
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return false;
    first = arriving_.empty();
    arriving_.push_back(std::move(task));
  }
  if (first) poller_.wake();
  report_if_blocked_now();
  return true;
}

bool Reactor::post(std::function<void()> task) { return post(std::make_shared<FunctionTask>(std::move(task))); }

bool Reactor::is_this_thread() const { return reactor_of_this_thread == this; }

void Reactor::watch(int socket, bool read, bool write, SocketHandler& handler) {
  handlers_[socket] = &handler;
  poller_.watch(socket, read, write);
}

void Reactor::forget(int socket) {
  handlers_.erase(socket);
  poller_.forget(socket);
}

void Reactor::run() {
  for (;;) {
    run_timers();
    if (!run_tasks()) break;
    // A callback has forked, and this is the child. Its only thread ends here.
    if (is_inherited()) return;
    std::optional<std::chrono::milliseconds> at_most;
    if (!own_.empty()) at_most = std::chrono::milliseconds(0);
    else if (!timers_.empty())
      at_most = std::chrono::ceil<std::chrono::milliseconds>(timers_.front()->key_ - Clock::system().now());
    for (const Poller::Ready& ready : poller_.wait(at_most)) {
      // An earlier handler may have closed the socket.
      if (const auto found = handlers_.find(ready.socket); found != handlers_.end())
        run_safely([&] { found->second->on_ready(ready.socket, ready.readable, ready.writable); });
    }
  }
  for (const auto& last : std::exchange(at_stop_, {})) run_safely(last);
  while (!own_.empty()) {
    for (const auto& task : std::exchange(own_, {})) run_safely([&] { task->run(); });
  }
  const std::lock_guard lock(mutex_);
  ended_ = true;
  ended_changed_.notify_all();
}

/// Returns false if the reactor must stop.
bool Reactor::run_tasks() {
  running_.swap(own_);
  {
    const std::lock_guard lock(mutex_);
    std::move(arriving_.begin(), arriving_.end(), std::back_inserter(running_));
    arriving_.clear();
    if (stopping_) {
      stopped_ = true;
      own_.insert(own_.begin(), running_.begin(), running_.end());
      running_.clear();
      return false;
    }
  }
  for (std::shared_ptr<Task>& task : running_) {
    const std::int64_t began = nanoseconds(Clock::system().now());
    busy_since_ns_.store(began, std::memory_order_relaxed);
    run_safely([&] { task->run(); });
    task.reset();  // destroys its data here and not at some later time
    report_if_blocked(began);
  }
  busy_since_ns_.store(0, std::memory_order_relaxed);
  running_.clear();
  return true;
}

void Reactor::report_if_blocked(std::int64_t began) {
  const std::chrono::nanoseconds elapsed(nanoseconds(Clock::system().now()) - began);
  if (elapsed >= long_for_a_task) report_blocked(elapsed, "a callback held");
  reported_.store(false, std::memory_order_relaxed);
}

void Reactor::report_if_blocked_now() {
  const std::int64_t since = busy_since_ns_.load(std::memory_order_relaxed);
  if (since == 0) return;
  const std::chrono::nanoseconds elapsed(nanoseconds(Clock::system().now()) - since);
  if (elapsed >= long_for_any && !reported_.exchange(true)) report_blocked(elapsed, "a callback has been holding");
}

void Reactor::run_timers() {
  if (timers_.empty()) return;
  const TimePoint now = Clock::system().now();
  while (!timers_.empty() && timers_.front()->key_ <= now) {
    Timer& timer = *timers_.front();
    if (timer.due_ > now) {
      timer.key_ = timer.due_;
      timer.sink();
      continue;
    }
    timer.cancel();
    run_safely(timer.fire_);
  }
}

void Reactor::Timer::set(TimePoint due) {
  if (reactor_.is_inherited()) return;
  if (due == TimePoint::max()) return cancel();
  due_ = due;
  if (at_ != nowhere && due >= key_) return;  // the heap notices it at the earlier time
  key_ = due;
  if (at_ == nowhere) {
    reactor_.timers_.push_back(this);
    at_ = reactor_.timers_.size() - 1;
  }
  rise();
}

void Reactor::Timer::cancel() {
  if (at_ == nowhere || reactor_.is_inherited()) return;
  Timer* last = reactor_.timers_.back();
  reactor_.timers_.pop_back();
  const std::size_t hole = std::exchange(at_, nowhere);
  if (last == this) return;
  last->move_to(hole);
  last->rise();
  last->sink();
}

void Reactor::Timer::move_to(std::size_t at) {
  reactor_.timers_[at] = this;
  at_ = at;
}

void Reactor::Timer::rise() {
  while (at_ > 0) {
    Timer& parent = *reactor_.timers_[(at_ - 1) / 2];
    if (parent.key_ <= key_) return;
    const std::size_t here = at_;
    move_to(parent.at_);
    parent.move_to(here);
  }
}

void Reactor::Timer::sink() {
  const auto& heap = reactor_.timers_;
  for (;;) {
    std::size_t child = 2 * at_ + 1;
    if (child >= heap.size()) return;
    if (child + 1 < heap.size() && heap[child + 1]->key_ < heap[child]->key_) ++child;
    Timer& earlier = *heap[child];
    if (key_ <= earlier.key_) return;
    const std::size_t here = at_;
    move_to(earlier.at_);
    earlier.move_to(here);
  }
}

}  // namespace abstractllm
