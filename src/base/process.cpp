// SPDX-License-Identifier: Apache-2.0
#include "base/process.hpp"

#include <pthread.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/syscall.h>
#endif

#include <array>
#include <cstdlib>
#include <new>
#include <set>

namespace abstractllm {
namespace {

std::atomic<int> generation = 0;

// The number of holding threads, and one bit for a fork in progress.
constexpr unsigned forking = 1U << 31U;
std::atomic<unsigned> fork_state = 0;
thread_local int holds_of_this_thread = 0;
thread_local bool forks_alone = false;

using FunctionTable = std::array<std::atomic<void (*)()>, 4>;
constinit FunctionTable child_functions{};
constinit FunctionTable exit_functions{};

struct PrivateDescriptors {
  std::mutex mutex;
  std::set<int> all;
};

bool is_first_thread() {
#ifdef __linux__
  return syscall(SYS_gettid) == getpid();
#else
  return pthread_main_np() != 0;
#endif
}

PrivateDescriptors& private_descriptors() {
  static PrivateDescriptors& descriptors = *new PrivateDescriptors;  // leaked: threads close sockets during exit
  return descriptors;
}

void before_fork() {
  forks_alone = holds_of_this_thread == 0;
  if (!forks_alone) return;
  // A waiting fork does not stop threads from holding, because a holding thread may need a lock of a thread that is
  // about to hold.
  for (unsigned state = 0; !fork_state.compare_exchange_weak(state, forking); state = 0)
    if (state != 0) fork_state.wait(state);
}

void after_fork_in_parent() {
  if (!forks_alone) return;
  fork_state = 0;
  fork_state.notify_all();
}

void after_fork_in_child() {
  fork_state = holds_of_this_thread > 0 ? 1 : 0;
  generation.fetch_add(1, std::memory_order_relaxed);
  PrivateDescriptors& descriptors = private_descriptors();
  // Locked only if this thread forked while it held.
  const std::unique_lock lock(descriptors.mutex, std::try_to_lock);
  if (!lock) {
    new (&descriptors.mutex) std::mutex;
  } else {
    // Closed without a TLS shutdown message, which would end the connection of the parent.
    for (const int each : descriptors.all) close(each);
    descriptors.all.clear();
  }
  for (const auto& function : child_functions)
    if (void (*run)() = function.load()) run();
}

/// An object of the thread that loads the library, if that is the first thread of the process. exit() destroys the
/// objects of a thread before it runs the functions of atexit and destroys static objects.
struct FirstAtExit {
  bool armed = false;
  ~FirstAtExit() {
    if (!armed) return;
    for (const auto& function : exit_functions)
      if (void (*run)() = function.load()) run();
  }
};

thread_local FirstAtExit first_at_exit;

void add_to(FunctionTable& table, void (*function)()) {
  for (auto& entry : table) {
    void (*known)() = nullptr;
    if (entry.compare_exchange_strong(known, function) || known == function) return;
  }
  std::abort();  // a defect of this library: the table has room for everything that we register
}

const bool registered = [] {
  private_descriptors();
  first_at_exit.armed = is_first_thread();
  return pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child) == 0;
}();

}  // namespace

long process_id() { return static_cast<long>(getpid()); }

int process_generation() noexcept { return generation.load(std::memory_order_relaxed); }

ForkHold::ForkHold() noexcept {
  if (holds_of_this_thread++ > 0) return;
  for (unsigned state = fork_state.load();;) {
    if (state == forking) {
      fork_state.wait(forking);
      state = fork_state.load();
    } else if (fork_state.compare_exchange_weak(state, state + 1)) {
      return;
    }
  }
}

ForkHold::~ForkHold() {
  if (--holds_of_this_thread == 0 && fork_state.fetch_sub(1) == 1) fork_state.notify_all();
}

void in_forked_child(void (*function)()) { add_to(child_functions, function); }

void at_exit_first(void (*function)()) {
  add_to(exit_functions, function);
  std::atexit(function);
}

bool keep_from_children(int descriptor) noexcept {
  const ForkHold hold;
  PrivateDescriptors& descriptors = private_descriptors();
  const std::lock_guard lock(descriptors.mutex);
  try {
    descriptors.all.insert(descriptor);
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

void close_private(int descriptor) noexcept {
  const ForkHold hold;
  PrivateDescriptors& descriptors = private_descriptors();
  const std::lock_guard lock(descriptors.mutex);
  descriptors.all.erase(descriptor);
  close(descriptor);
}

}  // namespace abstractllm
