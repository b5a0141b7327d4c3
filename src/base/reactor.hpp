// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/poller.hpp"
#include "base/process.hpp"

namespace abstractllm {

/// One thread for any number of calls: it runs tasks, waits for sockets, and fires timers. Does nothing and has no
/// thread before shared() is called first. In a forked child the reactor of the parent does nothing.
class Reactor : public ProcessOwned {
 public:
  /// Something to run on the reactor's thread.
  class Task {
   public:
    virtual ~Task() = default;
    virtual void run() = 0;
  };

  /// Told on the reactor's thread.
  class SocketHandler {
   public:
    virtual ~SocketHandler() = default;
    virtual void on_ready(int socket, bool readable, bool writable) = 0;
  };

  class Timer;

  /// That of the process, started by the first call and stopped when the process ends; a forked child starts its own.
  /// Throws std::system_error where the system has no thread or descriptor left.
  static Reactor& shared();
  /// Whether the calling thread is the one of shared(). Starts nothing.
  static bool is_shared_thread();

  Reactor() = default;
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  // From any thread.

  /// Runs the task once, soon; tasks of one thread in their order. Dropped once the reactor has stopped, and where it
  /// was inherited by a fork: false.
  bool post(std::shared_ptr<Task> task);
  bool post(std::function<void()> task);
  bool is_this_thread() const;

  // On the reactor's own thread.

  void watch(int socket, bool read, bool write, SocketHandler& handler);
  void forget(int socket);
  /// Stops it before whatever was registered with std::atexit until now.
  void stop_at_exit();
  /// Runs as the last task, when the reactor stops.
  void at_stop(std::function<void()> task) { at_stop_.push_back(std::move(task)); }

 private:
  void start();
  void stop();
  void run();
  bool run_tasks();
  void run_timers();
  void report_if_blocked(std::int64_t began);
  void report_if_blocked_now();

  Poller poller_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<Task>> arriving_;
  bool stopping_ = false;
  bool stopped_ = false;
  std::thread thread_;
  std::condition_variable ended_changed_;
  bool ended_ = false;
  std::atomic<std::int64_t> busy_since_ns_ = 0;  // 0: idle
  std::atomic<bool> reported_ = false;

  // The rest belongs to the thread.
  std::vector<std::shared_ptr<Task>> own_;
  std::vector<std::shared_ptr<Task>> running_;
  std::unordered_map<int, SocketHandler*> handlers_;
  std::vector<Timer*> timers_;  // a heap, the next in front
  std::vector<std::function<void()>> at_stop_;
};

/// Fires once at its time. On the reactor's thread only; destroying it cancels it.
class Reactor::Timer {
 public:
  Timer(Reactor& reactor, std::function<void()> fire) : reactor_(reactor), fire_(std::move(fire)) {}
  ~Timer() { cancel(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// Instead of the time set before. To move it later costs nothing.
  void set(TimePoint due);
  void cancel();

 private:
  friend class Reactor;
  static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

  void place(std::size_t at);
  void rise();
  void sink();

  Reactor& reactor_;
  std::function<void()> fire_;
  TimePoint due_ = TimePoint::max();
  TimePoint key_ = TimePoint::max();  // by which the heap is ordered: due_, or earlier
  std::size_t at_ = nowhere;          // in the heap
};

}  // namespace abstractllm
