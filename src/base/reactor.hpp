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

/// One thread for any number of calls. It runs tasks, waits for sockets and fires timers. It has no thread before the
/// first call of shared(). In a forked child the reactor of the parent does nothing.
class Reactor : public ProcessOwned {
 public:
  /// A function to run on the reactor's thread.
  class Task {
   public:
    virtual ~Task() = default;
    virtual void run() = 0;
  };

  /// Called on the reactor's thread.
  class SocketHandler {
   public:
    virtual ~SocketHandler() = default;
    virtual void on_ready(int socket, bool readable, bool writable) = 0;
  };

  class Timer;

  /// The reactor of the process. The first call starts it, and it stops when the process ends. A forked child starts
  /// its own. Throws std::system_error if the system has no thread or descriptor left.
  static Reactor& shared();
  /// Whether the calling thread is the thread of shared(). Starts nothing.
  static bool is_shared_thread();

  Reactor() = default;
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  // On any thread:

  /// Runs the task once, soon. Tasks of one thread run in order. Returns false and drops the task if the reactor has
  /// stopped or was inherited by a fork.
  bool post(std::shared_ptr<Task> task);
  bool post(std::function<void()> task);
  bool is_this_thread() const;

  // On the reactor's own thread only:

  void watch(int socket, bool read, bool write, SocketHandler& handler);
  void forget(int socket);
  /// Stops it before the functions that were registered with std::atexit until now run.
  void stop_at_exit();
  /// Runs as the last task when the reactor stops.
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

  // Only the thread uses the rest.
  std::vector<std::shared_ptr<Task>> own_;
  std::vector<std::shared_ptr<Task>> running_;
  std::unordered_map<int, SocketHandler*> handlers_;
  std::vector<Timer*> timers_;  // a heap; the next timer is first
  std::vector<std::function<void()>> at_stop_;
};

/// Fires once at its time. On the reactor's thread only; destroying it cancels it.
class Reactor::Timer {
 public:
  Timer(Reactor& reactor, std::function<void()> fire) : reactor_(reactor), fire_(std::move(fire)) {}
  ~Timer() { cancel(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// Replaces the earlier time. A later time costs nothing.
  void set(TimePoint due);
  void cancel();

 private:
  friend class Reactor;
  static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

  void move_to(std::size_t at);
  void rise();
  void sink();

  Reactor& reactor_;
  std::function<void()> fire_;
  TimePoint due_ = TimePoint::max();
  TimePoint key_ = TimePoint::max();  // the order in the heap: due_, or earlier
  std::size_t at_ = nowhere;          // place in the heap
};

}  // namespace abstractllm
