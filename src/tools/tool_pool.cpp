// SPDX-License-Identifier: Apache-2.0
#include "tools/tool_pool.hpp"

#include <chrono>
#include <thread>
#include <utility>

namespace abstractllm {
namespace {

// Long enough for the rounds of one call. A thread that waits costs a little memory only.
constexpr std::chrono::seconds longest_idle_time{10};

}  // namespace

ToolPool& ToolPool::of_the_process() {
  static constinit PerProcess<ToolPool> pool;
  return pool.get();
}

void ToolPool::run(std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    if (jobs_.size() < waiting_) {
      jobs_.push_back(std::move(job));
      changed_.notify_one();
      return;
    }
  }
  std::thread([this, first = std::move(job)]() mutable { work(std::move(first)); }).detach();
}

void ToolPool::work(std::function<void()> job) {
  for (;;) {
    job();
    if (is_inherited()) return;  // the locks and jobs of this pool belong to the parent
    job = nullptr;
    std::unique_lock lock(mutex_);
    ++waiting_;
    const bool has_job = changed_.wait_for(lock, longest_idle_time, [this] { return !jobs_.empty(); });
    --waiting_;
    if (!has_job) return;
    job = std::move(jobs_.front());
    jobs_.pop_front();
  }
}

}  // namespace abstractllm
