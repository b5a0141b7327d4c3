// SPDX-License-Identifier: Apache-2.0
#include "child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <utility>

namespace abstractllm::cli {
namespace {

/// The groups that run. It is never destroyed, because threads may use it while the process exits.
class RunningGroups {
 public:
  static RunningGroups& instance() {
    static RunningGroups& groups = *new RunningGroups;
    return groups;
  }

  /// Starts a group with `spawn`, which returns errno or 0 and sets its number. No signal comes in between, and once
  /// the groups were killed there is no other.
  template <class Spawn>
  int start(pid_t& pid, Spawn spawn) {
    const std::lock_guard lock(mutex_);
    if (killed_) return ECANCELED;
    if (!std::exchange(at_exit_, true)) {
      std::atexit(end_child_processes);
      std::at_quick_exit(end_child_processes);
    }
    pids_.reserve(pids_.size() + 1);
    const int problem = spawn();
    if (problem == 0) pids_.push_back(pid);
    return problem;
  }
  void remove(pid_t pid) {
    const std::lock_guard lock(mutex_);
    pids_.erase(std::remove(pids_.begin(), pids_.end(), pid), pids_.end());
  }
  /// Returns whether there is any. A group keeps its number until it is removed, because its first process was not
  /// reaped before.
  bool signal_all(int signal) {
    const std::lock_guard lock(mutex_);
    killed_ = killed_ || signal == SIGKILL;
    for (const pid_t pid : pids_) kill(-pid, signal);
    return !pids_.empty();
  }

 private:
  std::mutex mutex_;
  bool at_exit_ = false;
  bool killed_ = false;
  std::vector<pid_t> pids_;
};

void close_end(int& descriptor) {
  if (descriptor >= 0) ::close(std::exchange(descriptor, -1));
}

/// A pipe whose ends no other program inherits.
class Pipe {
 public:
  Pipe() {
    if (pipe2(ends_.data(), O_CLOEXEC) != 0) ends_ = {-1, -1};
  }
  ~Pipe() {
    for (int& end : ends_) close_end(end);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  bool is_open() const { return ends_[0] >= 0; }
  int reader() const { return ends_[0]; }
  int writer() const { return ends_[1]; }
  int take_reader() { return take(ends_[0]); }
  int take_writer() { return take(ends_[1]); }

 private:
  static int take(int& end) {
    fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK);
    return std::exchange(end, -1);
  }

  std::array<int, 2> ends_ = {-1, -1};
};

/// What posix_spawn does in the child before the program begins.
class SpawnPlan {
 public:
  SpawnPlan() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes_, &none);
    sigset_t defaults;
    sigemptyset(&defaults);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGXFSZ, SIGCHLD, SIGUSR1, SIGUSR2})
      sigaddset(&defaults, signal);
    posix_spawnattr_setsigdefault(&attributes_, &defaults);
    // A session is a process group, too. Without a terminal a program cannot type an approval, and does not stop where
    // it asks for a password.
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  /// Returns errno, or 0.
  int start(pid_t& pid, const Pipe& input, const Pipe& output, const Pipe& errors,
            const std::vector<std::string>& words, const std::vector<std::string>& environment) {
    posix_spawn_file_actions_adddup2(&actions_, input.reader(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, output.writer(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, errors.writer(), STDERR_FILENO);
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)
    // What other libraries opened without O_CLOEXEC is not for the program either.
    posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
#endif
    return posix_spawnp(&pid, words.front().c_str(), &actions_, &attributes_, pointers(words).data(),
                        pointers(environment).data());
  }

 private:
  static std::vector<char*> pointers(const std::vector<std::string>& words) {
    std::vector<char*> list;
    list.reserve(words.size() + 1);
    for (const std::string& word : words)
      list.push_back(const_cast<char*>(word.c_str()));  // NOLINT(cppcoreguidelines-pro-type-const-cast): POSIX
    list.push_back(nullptr);
    return list;
  }

  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

Error cannot_start(const std::string& program, int problem) {
  return {ErrorKind::tool_failed, "the command '" + program + "' cannot be started: " + std::strerror(problem)};
}

}  // namespace

ChildProcess::ChildProcess(pid_t pid) : pid_(pid) {}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      input_(std::exchange(other.input_, -1)),
      output_(std::exchange(other.output_, -1)),
      errors_(std::exchange(other.errors_, -1)) {}

Result<ChildProcess> ChildProcess::start(const std::vector<std::string>& words,
                                         const std::vector<std::string>& environment) {
  Pipe input;
  Pipe output;
  Pipe errors;
  if (!input.is_open() || !output.is_open() || !errors.is_open()) return cannot_start(words.front(), errno);
  pid_t pid = -1;
  const int problem = RunningGroups::instance().start(
      pid, [&] { return SpawnPlan().start(pid, input, output, errors, words, environment); });
  if (problem != 0) return cannot_start(words.front(), problem);
  ChildProcess child(pid);
  child.input_ = input.take_writer();
  child.output_ = output.take_reader();
  child.errors_ = errors.take_reader();
  return child;
}

ChildProcess::~ChildProcess() {
  close_input();
  close_output();
  close_errors();
  if (pid_ < 0) return;
  signal_group(SIGKILL);
  // The number of the group is free as soon as its first process is reaped.
  RunningGroups::instance().remove(pid_);
  // A killed process may be stuck in the system, for example on a network disk. It must not hold us.
  for (int wait_ms = 1; waitpid(pid_, nullptr, WNOHANG) == 0 && wait_ms < 512; wait_ms *= 2) poll(nullptr, 0, wait_ms);
}

void ChildProcess::close_input() { close_end(input_); }
void ChildProcess::close_output() { close_end(output_); }
void ChildProcess::close_errors() { close_end(errors_); }

std::optional<ProcessEnd> ChildProcess::end() const {
  siginfo_t info{};
  // WNOWAIT: it keeps its number until the destructor has killed its group.
  while (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0)
    if (errno != EINTR) return ProcessEnd{true, SIGKILL};
  if (info.si_pid == 0) return std::nullopt;
  return ProcessEnd{info.si_code != CLD_EXITED, info.si_status};
}

void ChildProcess::signal_group(int signal) const {
  kill(-pid_, signal);
  if (signal == SIGTERM) kill(-pid_, SIGCONT);  // a stopped process would not see it
}

void end_child_processes() {
  constexpr int most_rounds = 30;
  RunningGroups& groups = RunningGroups::instance();
  bool any = groups.signal_all(SIGTERM);
  for (int round = 0; any && round < most_rounds; ++round) {
    poll(nullptr, 0, 10);
    any = groups.signal_all(0);
  }
  if (any) kill_child_processes();
}

void kill_child_processes() { RunningGroups::instance().signal_all(SIGKILL); }

}  // namespace abstractllm::cli
