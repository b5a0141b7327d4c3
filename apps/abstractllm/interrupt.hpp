// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <csignal>
#include <stop_token>
#include <thread>

namespace abstractllm::cli {

/// Turns Ctrl-C (SIGINT), SIGTERM and SIGHUP (the terminal was closed) into a stop request, as long as this object
/// exists. The second signal ends the process at once, with exit code 130, and kills the commands of tools. A signal
/// that the parent chose to ignore stays ignored.
///
/// Make it on the main thread before any other thread starts, because threads inherit the blocked signals. Only one may
/// exist at a time.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  std::stop_token token() const { return stop_.get_token(); }

  /// Returns a descriptor that is readable from the first signal on, or -1 if the system had no descriptor left.
  int descriptor() const { return wake_[0]; }

 private:
  void watch();

  sigset_t signals_;
  sigset_t mask_before_;
  int wake_[2] = {-1, -1};
  std::stop_source stop_;
  std::atomic<bool> done_{false};
  std::thread watcher_;
};

}  // namespace abstractllm::cli
