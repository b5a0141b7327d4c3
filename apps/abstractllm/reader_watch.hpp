// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace abstractllm::cli {

/// Watches the reader of a pipe while nothing is written to it. A write would tell that the reader has gone, but a
/// running tool writes nothing. For a descriptor that is no pipe and no socket it does nothing.
class ReaderWatch {
 public:
  /// `on_gone` is called once, on a thread of this object, when the reader has gone.
  ReaderWatch(int descriptor, std::function<void()> on_gone);
  ~ReaderWatch();
  ReaderWatch(const ReaderWatch&) = delete;
  ReaderWatch& operator=(const ReaderWatch&) = delete;

  /// Whether the reader has gone. Any thread may ask.
  bool is_gone() const { return gone_; }

 private:
  void watch(int descriptor, const std::function<void()>& on_gone);

  int wake_[2] = {-1, -1};
  std::atomic<bool> gone_{false};
  std::thread thread_;
};

}  // namespace abstractllm::cli
