// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "abstractllm/result.hpp"

namespace abstractllm::cli {

/// How a process ended.
struct ProcessEnd {
  bool by_signal = false;
  int number = 0;  ///< the exit status, or the signal
};

/// A process in a session and a process group of its own, so that it has no terminal and that it can be killed with
/// everything that it started. Its standard streams are pipes; it gets no other descriptor. One thread uses the object.
class ChildProcess {
 public:
  /// Starts a program, which is searched in PATH unless it has a '/'. `environment` has elements NAME=VALUE. There is
  /// no shell. Signals are at their defaults in the child. It is safe while other threads run. Errors: tool_failed.
  static Result<ChildProcess> start(const std::vector<std::string>& words, const std::vector<std::string>& environment);
  /// Kills the group.
  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;

  /// Our ends of its standard streams. They do not block. -1 means closed.
  int input() const { return input_; }
  int output() const { return output_; }
  int errors() const { return errors_; }
  void close_input();
  void close_output();
  void close_errors();

  /// Returns how the program ended, or nullopt while it runs. What it started may still run.
  std::optional<ProcessEnd> end() const;

  /// Sends the signal to the whole group.
  void signal_group(int signal) const;

 private:
  explicit ChildProcess(pid_t pid);

  pid_t pid_;
  int input_ = -1;
  int output_ = -1;
  int errors_ = -1;
};

/// Asks the groups of all children to end, then kills them. It also happens when this process exits. Any thread may
/// call it, but not a signal handler.
void end_child_processes();

/// Kills the groups of all children at once.
void kill_child_processes();

}  // namespace abstractllm::cli
