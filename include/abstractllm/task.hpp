// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace abstractllm {

template <class T>
class Task;

namespace task_detail {

/// Reports once that a task has ended, to the coroutine that awaits it or to a waiting thread or group.
class Completion {
 public:
  /// Sets the awaiting coroutine or a function. Call it before the task starts.
  void set_waiter(std::coroutine_handle<> waiter) { waiter_ = waiter; }
  void set_function(void (*function)(void*), void* of) {
    function_ = function;
    of_ = of;
  }

  /// Call it at the end of the task. Nothing touches the task afterwards.
  void complete() noexcept {
    if (function_ != nullptr) return function_(of_);
    // The second of the two resumes the waiter: a task that ends before its waiter is suspended must not resume it.
    if (second_.exchange(true, std::memory_order_acq_rel)) waiter_();
  }
  /// Call it after the task was started. Returns true if the task has already ended.
  bool is_complete() noexcept { return second_.exchange(true, std::memory_order_acq_rel); }

 private:
  std::coroutine_handle<> waiter_;
  void (*function_)(void*) = nullptr;
  void* of_ = nullptr;
  std::atomic<bool> second_ = false;
};

template <class T>
class TaskValue {
 public:
  void return_value(T value) { value_.emplace(std::move(value)); }
  T take() { return std::move(*value_); }

 private:
  std::optional<T> value_;
};

template <>
class TaskValue<void> {
 public:
  void return_void() {}
  void take() {}
};

template <class T>
class Promise : public TaskValue<T> {
 public:
  Task<T> get_return_object();
  std::suspend_always initial_suspend() noexcept { return {}; }
  auto final_suspend() noexcept {
    struct Final {
      bool await_ready() noexcept { return false; }
      void await_suspend(std::coroutine_handle<Promise> ended) noexcept { ended.promise().completion.complete(); }
      void await_resume() noexcept {}
    };
    return Final();
  }
  void unhandled_exception() { error_ = std::current_exception(); }

  T result() {
    if (error_) std::rethrow_exception(error_);
    return this->take();
  }

  Completion completion;

 private:
  std::exception_ptr error_;
};

}  // namespace task_detail

/// A coroutine that returns one T. It starts when it is awaited, or given to sync_wait or when_all. Move-only. Await it
/// once. The await rethrows its exception. Destroy it before it starts or after it has ended, not in between.
///
/// With GCC 12, create the awaited object before the co_await expression and not inside it, because GCC 12 destroys
/// temporaries there twice.
template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = task_detail::Promise<T>;
  using value_type = T;

  explicit Task(std::coroutine_handle<promise_type> coroutine) : coroutine_(coroutine) {}
  Task(Task&& other) noexcept : coroutine_(std::exchange(other.coroutine_, {})) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(coroutine_, other.coroutine_);
    return *this;
  }
  ~Task() {
    if (coroutine_) coroutine_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  // Started here and not by symmetric transfer, which uses stack if it is not a tail call (sanitizers, -O0).
  bool await_suspend(std::coroutine_handle<> waiter) {
    task_detail::Completion& completion = coroutine_.promise().completion;
    completion.set_waiter(waiter);
    coroutine_();
    return !completion.is_complete();
  }
  T await_resume() { return coroutine_.promise().result(); }

  /// Starts the task and calls `function(of)` at its end. For waiters that are not coroutines.
  void begin(void (*function)(void*), void* of) {
    coroutine_.promise().completion.set_function(function, of);
    coroutine_();
  }
  /// The value. Call it after the end.
  T result() { return coroutine_.promise().result(); }

 private:
  std::coroutine_handle<promise_type> coroutine_;
};

template <class T>
Task<T> task_detail::Promise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<Promise>::from_promise(*this));
}

/// Starts the task and blocks until it has ended. Do not call it on a thread that the task needs: the library's loop
/// thread, or a thread of its executor.
template <class T>
T sync_wait(Task<T> task) {
  struct Waiting {
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
  } waiting;
  task.begin(
      [](void* of) {
        Waiting& waits = *static_cast<Waiting*>(of);
        const std::lock_guard lock(waits.mutex);
        waits.done = true;
        waits.changed.notify_one();
      },
      &waiting);
  std::unique_lock lock(waiting.mutex);
  waiting.changed.wait(lock, [&] { return waiting.done; });
  lock.unlock();
  return task.result();
}

namespace task_detail {

/// Awaits the end of a number of tasks.
template <class T>
class Group {
 public:
  explicit Group(std::vector<Task<T>>& tasks) : tasks_(tasks) {}

  bool await_ready() const noexcept { return tasks_.empty(); }
  bool await_suspend(std::coroutine_handle<> waiter) {
    waiter_ = waiter;
    left_.store(tasks_.size() + 1, std::memory_order_relaxed);
    for (Task<T>& task : tasks_) task.begin([](void* of) { static_cast<Group*>(of)->one_ended(); }, this);
    // The count is one more than the tasks. The last decrement resumes the waiter.
    return left_.fetch_sub(1, std::memory_order_acq_rel) != 1;
  }
  void await_resume() const noexcept {}

 private:
  void one_ended() noexcept {
    if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) waiter_();
  }

  std::vector<Task<T>>& tasks_;
  std::coroutine_handle<> waiter_;
  std::atomic<std::size_t> left_ = 0;
};

}  // namespace task_detail

/// Runs all tasks at once. Returns their values in the order of the tasks after the last has ended. If tasks threw, it
/// rethrows the exception of the first of them, after all have ended.
// static: Clang 14 cannot compile a coroutine that several translation units share under ASan.
template <class T>
static Task<std::vector<T>> when_all(std::vector<Task<T>> tasks) {
  task_detail::Group<T> group(tasks);
  co_await group;
  std::vector<T> values;
  values.reserve(tasks.size());
  for (Task<T>& task : tasks) values.push_back(task.result());
  co_return values;
}

}  // namespace abstractllm
