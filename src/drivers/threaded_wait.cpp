// SPDX-License-Identifier: Apache-2.0
#include "drivers/threaded_wait.hpp"

#include <chrono>
#include <exception>
#include <utility>

namespace abstractllm {

ThreadedWait::ThreadedWait(Channel& channel, std::function<void()> ready)
    : channel_(channel), ready_(std::move(ready)), thread_([this] { run(); }) {}

ThreadedWait::~ThreadedWait() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  try {
    channel_.wake();
  } catch (...) {  // NOLINT(bugprone-empty-catch): the wait may still end by itself
  }
  thread_.join();
}

void ThreadedWait::begin() {
  {
    const std::lock_guard lock(mutex_);
    waiting_ = true;
  }
  changed_.notify_all();
}

bool ThreadedWait::is_waiting() const {
  const std::lock_guard lock(mutex_);
  if (thrown_) std::rethrow_exception(thrown_);
  return waiting_;
}

void ThreadedWait::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || waiting_; });
    if (stopping_) return;
    lock.unlock();
    std::exception_ptr thrown;
    try {
      channel_.wait(std::chrono::steady_clock::time_point::max());
    } catch (...) {
      thrown = std::current_exception();
    }
    lock.lock();
    thrown_ = std::move(thrown);
    if (stopping_) return;
    waiting_ = false;
    lock.unlock();
    ready_();
    lock.lock();
  }
}

}  // namespace abstractllm
