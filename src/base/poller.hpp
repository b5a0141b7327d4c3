// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>

namespace abstractllm {

/// Waits for many sockets at once, with epoll on Linux and poll(2) elsewhere. For one thread, except wake().
class Poller {
 public:
  struct Ready {
    int socket;
    bool readable;  ///< also if the socket failed; reading reports the error
    bool writable;
  };

  /// Throws std::system_error if the system has no descriptor left.
  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  /// Watches the socket from now on, or replaces its earlier settings.
  void watch(int socket, bool read, bool write);
  void forget(int socket);

  /// Blocks until a socket is ready, wake() was called, or the time is over. Without a time it may block for ever. The
  /// result is valid until the next call.
  std::span<const Ready> wait(std::optional<std::chrono::milliseconds> at_most);

  /// Ends the current or the next wait(). May be called on any thread.
  void wake();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace abstractllm
