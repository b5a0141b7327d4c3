// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>

namespace abstractllm {

/// Waits for many sockets at once: epoll on Linux, poll(2) elsewhere. For one thread, but for wake().
class Poller {
 public:
  struct Ready {
    int socket;
    bool readable;  ///< also where the socket broke: reading tells how
    bool writable;
  };

  /// Throws std::system_error where the system has no descriptor left.
  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  /// From now on, or instead of what was said before of this socket.
  void watch(int socket, bool read, bool write);
  void forget(int socket);

  /// Blocks until a socket is ready, wake() was called, or the time is over. No time: for ever. The result lives until
  /// the next call.
  std::span<const Ready> wait(std::optional<std::chrono::milliseconds> at_most);

  /// Ends the present or the next wait(). From any thread.
  void wake();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace abstractllm
