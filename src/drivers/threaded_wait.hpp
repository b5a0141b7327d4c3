// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

#include "abstractllm/transport.hpp"

namespace abstractllm {

/// Waits on a thread of its own for a channel that cannot notify.
class ThreadedWait {
 public:
  /// `channel` must outlive this object. `ready` is called from the thread and must not throw. The constructor throws
  /// std::system_error if the system has no thread left.
  ThreadedWait(Channel& channel, std::function<void()> ready);
  /// Ends the wait and the thread.
  ~ThreadedWait();
  ThreadedWait(const ThreadedWait&) = delete;
  ThreadedWait& operator=(const ThreadedWait&) = delete;

  /// Waits once, then calls `ready`.
  void begin();
  /// Whether the thread is waiting. As long as it is, nobody may poll the channel. Throws what the channel's wait has
  /// thrown.
  bool is_waiting() const;

 private:
  void run();

  Channel& channel_;
  std::function<void()> ready_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool waiting_ = false;
  bool stopping_ = false;
  std::exception_ptr thrown_;
  std::thread thread_;
};

}  // namespace abstractllm
