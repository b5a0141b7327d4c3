// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

namespace abstractllm {

/// The process id.
long process_id();

/// The number of forks between this process and the one that loaded the library. A forked child has another number than
/// its parent. Objects that belong to one process keep the number and compare it.
int process_generation() noexcept;

/// The generation in which an object was made. An object that came into this process by a fork was inherited: its
/// threads do not exist here, its locks may be held by them, and its connections belong to the parent.
class ProcessOwned {
 public:
  bool is_inherited() const noexcept { return generation_ != process_generation(); }

 private:
  const int generation_ = process_generation();
};

/// A fork waits until no other thread holds one, so that no child inherits a half-finished change or a locked mutex.
/// Hold it around every short change that a child relies on. Holds may nest. A fork by the holding thread itself, for
/// example in a log sink, does not wait.
class ForkHold {
 public:
  ForkHold() noexcept;
  ~ForkHold();
  ForkHold(const ForkHold&) = delete;
  ForkHold& operator=(const ForkHold&) = delete;
};

/// Runs `function` in every child that is forked from now on, on its only thread, before fork() returns there. It must
/// not throw and must not wait. At most 4 functions.
void in_forked_child(void (*function)());

/// Runs `function` when the process exits, before any static object is destroyed if the first thread ends the process,
/// and then once more in the order of std::atexit. Call it again after static objects that `function` needs were made.
/// It may run twice and on any thread; at most 4 functions. A first thread that ends by pthread_exit() runs it, too.
void at_exit_first(void (*function)());

/// Makes the descriptor private to this process: each forked child closes it at once, so that the connection ends when
/// this process closes it. Returns false if memory is exhausted; then a child keeps the descriptor. Call it under the
/// same ForkHold as the function that opens the descriptor.
bool keep_from_children(int descriptor) noexcept;

/// Closes a descriptor of keep_from_children().
void close_private(int descriptor) noexcept;

/// One T for each process. The first use makes it, and a forked child makes its own. It is never destroyed, because
/// threads may use it while the process exits. For objects with static storage duration.
template <class T>
class PerProcess {
 public:
  constexpr PerProcess() = default;

  /// Throws what the construction of T throws; the next call then tries again.
  T& get() {
    return get([] { return std::make_unique<T>(); });
  }
  template <class Make>
  T& get(Make make) {
    if (T* made = get_if()) return *made;
    const ForkHold hold;
    const std::lock_guard lock(mutex_);
    if (T* made = get_if()) return *made;
    auto owned = std::make_unique<Made>();
    owned->value = make();
    owned->previous = made_.load(std::memory_order_relaxed);
    T& value = *owned->value;
    made_.store(owned.release(), std::memory_order_release);
    return value;
  }
  /// Null if this process has not made one yet.
  T* get_if() const {
    const Made* made = made_.load(std::memory_order_acquire);
    return made != nullptr && !made->owned.is_inherited() ? made->value.get() : nullptr;
  }
  /// The object of the parent, if this process was forked and has not made its own yet. Otherwise null.
  T* inherited() const {
    const Made* made = made_.load(std::memory_order_acquire);
    return made != nullptr && made->owned.is_inherited() ? made->value.get() : nullptr;
  }

 private:
  struct Made {
    ProcessOwned owned;
    std::unique_ptr<T> value;
    Made* previous = nullptr;  // the object of the parent
  };

  std::atomic<Made*> made_ = nullptr;
  std::mutex mutex_;
};

}  // namespace abstractllm
