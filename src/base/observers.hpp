// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/process.hpp"

namespace abstractllm {

/// Functions that are told of something, each for as long as somebody holds what add() gave. Thread-safe. The functions
/// are called without a lock, so they may do anything, such as drop their own registration.
template <class What>
class Observers {
 public:
  using Function = std::function<void(const What&)>;

  /// Calls `told` from now on. When the last copy of what is returned is gone, `told` is not called again, and no call
  /// of it goes on, but for one that dropped it itself: the drop waits for another thread's. A forked child inherits
  /// the registration, and waits for no call of its parent. It may outlive this object.
  std::shared_ptr<void> add(Function told) {
    auto entry = std::make_shared<Entry>(std::move(told));
    {
      const ForkHold hold;
      const std::lock_guard lock(list_->mutex);
      list_->entries.push_back(entry);
    }
    return {entry.get(), [list = list_, entry](void*) { list->end(*entry); }};
  }

  /// Calls all, in the order of add(), on this thread. `on_throw` is called in place of an exception, in its catch.
  template <class OnThrow>
  void tell(const What& what, OnThrow on_throw) const {
    for (const std::shared_ptr<Entry>& entry : list_->copy()) {
      if (!list_->begin_call(*entry)) continue;
      try {
        entry->told(what);
      } catch (...) {
        on_throw();
      }
      list_->end_call(*entry);
    }
  }

 private:
  /// A call under way.
  struct Call {
    std::thread::id thread = std::this_thread::get_id();
    int process = process_generation();
    bool operator==(const Call&) const = default;
  };

  struct Entry {
    explicit Entry(Function function) : told(std::move(function)) {}

    const Function told;
    bool ended = false;
    std::vector<Call> calls;
    std::atomic<int> calls_ended = 0;
  };

  struct List {
    std::vector<std::shared_ptr<Entry>> copy() {
      const ForkHold hold;
      const std::lock_guard lock(mutex);
      return entries;
    }

    bool begin_call(Entry& entry) {
      const ForkHold hold;
      const std::lock_guard lock(mutex);
      if (!entry.ended) entry.calls.emplace_back();
      return !entry.ended;
    }

    void end_call(Entry& entry) {
      {
        const ForkHold hold;
        const std::lock_guard lock(mutex);
        entry.calls.erase(std::find(entry.calls.begin(), entry.calls.end(), Call()));
      }
      ++entry.calls_ended;
      entry.calls_ended.notify_all();
    }

    void end(Entry& entry) {
      for (;;) {
        const int seen = entry.calls_ended;
        if (take_out(entry)) return;
        entry.calls_ended.wait(seen);
      }
    }

    /// False: another thread of this process is in the function.
    bool take_out(Entry& entry) {
      const ForkHold hold;
      const std::lock_guard lock(mutex);
      entry.ended = true;
      std::erase_if(entries, [&](const std::shared_ptr<Entry>& each) { return each.get() == &entry; });
      return std::none_of(entry.calls.begin(), entry.calls.end(), [](const Call& call) {
        return call.process == process_generation() && call.thread != std::this_thread::get_id();
      });
    }

    std::mutex mutex;
    std::vector<std::shared_ptr<Entry>> entries;
  };

  std::shared_ptr<List> list_ = std::make_shared<List>();
};

}  // namespace abstractllm
