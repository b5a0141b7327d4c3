// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>

#include "base/process.hpp"

namespace abstractllm {

/// Threads that run tools. A job gets a thread at once: an idle one, or a new one. So a tool that waits for another
/// call, with tools of its own, cannot block it. Each call bounds its own jobs (ToolRound). Idle threads end after a
/// while.
///
/// When the process exits, running jobs are neither waited for nor destroyed. A forked child has a pool of its own. A
/// thread that comes into a child, because a tool forked, ends there with its job.
class ToolPool : public ProcessOwned {
 public:
  static ToolPool& of_the_process();

  /// Runs the job soon. It must not throw. Throws std::system_error if the system has no thread left.
  void run(std::function<void()> job);

 private:
  void work(std::function<void()> job);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  std::size_t waiting_ = 0;  // threads that wait for a job, also those that a job has just woken
};

}  // namespace abstractllm
