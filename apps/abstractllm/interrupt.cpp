// SPDX-License-Identifier: Apache-2.0
#include "interrupt.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "abstractllm/error.hpp"
#include "child_process.hpp"

namespace abstractllm::cli {
namespace {

bool is_ignored(int signal) {
  struct sigaction action {};
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

Interrupt::Interrupt() {
  sigemptyset(&signals_);
  // A shell ignores SIGINT for its background jobs. If it were blocked here, it would still be taken from the queue.
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
    if (!is_ignored(signal)) sigaddset(&signals_, signal);
  }
  // This wakes watch() at the end. Nobody else sends it.
  sigaddset(&signals_, SIGUSR2);
  pthread_sigmask(SIG_BLOCK, &signals_, &mask_before_);
  if (pipe(wake_) == 0) {
    for (const int descriptor : wake_) fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  }
  watcher_ = std::thread([this] { watch(); });
}

Interrupt::~Interrupt() {
  done_ = true;
  pthread_kill(watcher_.native_handle(), SIGUSR2);
  watcher_.join();
  for (const int descriptor : wake_) {
    if (descriptor >= 0) close(descriptor);
  }
  pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
}

void Interrupt::watch() {
  bool asked_before = false;
  while (!done_) {
    int signal = 0;
    if (sigwait(&signals_, &signal) != 0 || signal == SIGUSR2) continue;
    if (asked_before) {
      kill_child_processes();
      _exit(exit_code(ErrorKind::cancelled));
    }
    asked_before = true;
    // The answer is stopped first, then the writes, because a write that can still succeed should.
    stop_.request_stop();
    if (wake_[1] >= 0 && write(wake_[1], "", 1) < 0) continue;
  }
}

}  // namespace abstractllm::cli
