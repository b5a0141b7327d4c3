// SPDX-License-Identifier: Apache-2.0
#include "base/process.hpp"

#include <pthread.h>
#include <unistd.h>

#include <array>
#include <new>
#include <set>

namespace abstractllm {
namespace {

std::atomic<int> generation = 0;

// How many threads hold, and one bit for a fork under way.
constexpr unsigned forking = 1U << 31U;
std::atomic<unsigned> fork_state = 0;
thread_local int holds_of_this_thread = 0;
thread_local bool forks_alone = false;

std::array<std::atomic<void (*)()>, 4> child_functions{};

struct PrivateDescriptors {
  std::mutex mutex;
  std::set<int> all;
};

PrivateDescriptors& private_descriptors() {
  static PrivateDescriptors& descriptors = *new PrivateDescriptors;  // leaked: threads close sockets during exit
  return descriptors;
}

void before_fork() {
  forks_alone = holds_of_this_thread == 0;
  if (!forks_alone) return;
  // First the other forks, then those who hold.
  while ((fork_state.fetch_or(forking) & forking) != 0) fork_state.wait(fork_state.load() | forking);
  for (unsigned state = fork_state.load(); state != forking; state = fork_state.load()) fork_state.wait(state);
}

void after_fork_in_parent() {
  if (!forks_alone) return;
  fork_state.fetch_and(~forking);
  fork_state.notify_all();
}

void after_fork_in_child() {
  fork_state = holds_of_this_thread > 0 ? 1 : 0;
  generation.fetch_add(1, std::memory_order_relaxed);
  PrivateDescriptors& descriptors = private_descriptors();
  // Locked only where this thread forked under a hold of its own.
  const bool is_whole = descriptors.mutex.try_lock();
  new (&descriptors.mutex) std::mutex;
  if (is_whole) {
    // Closed without any last words of TLS: those would end the connection of the parent.
    for (const int each : descriptors.all) close(each);
    descriptors.all.clear();
  }
  for (const auto& function : child_functions)
    if (void (*run)() = function.load()) run();
}

void leave() {
  if (fork_state.fetch_sub(1) == forking + 1) fork_state.notify_all();
}

const bool registered = [] {
  private_descriptors();
  return pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child) == 0;
}();

}  // namespace

long process_id() { return static_cast<long>(getpid()); }

int process_generation() noexcept { return generation.load(std::memory_order_relaxed); }

ForkHold::ForkHold() noexcept {
  if (holds_of_this_thread++ > 0) return;
  while ((fork_state.fetch_add(1) & forking) != 0) {
    leave();
    for (unsigned state = fork_state.load(); (state & forking) != 0; state = fork_state.load()) fork_state.wait(state);
  }
}

ForkHold::~ForkHold() {
  if (--holds_of_this_thread == 0) leave();
}

void in_forked_child(void (*function)()) {
  for (auto& place : child_functions) {
    void (*none)() = nullptr;
    if (place.compare_exchange_strong(none, function)) return;
  }
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
