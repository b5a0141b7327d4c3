// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>

#include "abstractllm/transport.hpp"
#include "base/clock.hpp"
#include "drivers/piecewise.hpp"
#include "exchange/sequence.hpp"

namespace abstractllm {

/// Runs one call on the caller's own thread. It needs no thread of its own and hands nothing over. It has one consumer
/// at a time. Destroying it cancels the running call and returns at once.
class BlockingDriver {
 public:
  BlockingDriver(Sequence sequence, std::stop_token stop, Clock& clock = Clock::system());
  BlockingDriver(const BlockingDriver&) = delete;
  BlockingDriver& operator=(const BlockingDriver&) = delete;

  /// Blocks until there is something to deliver or the call is done. Returns whether there is something to deliver.
  bool run_until_output();

  const Sequence& sequence() const { return sequence_; }

 private:
  void resume(Exchange::Input input);
  Exchange::Input perform();
  Exchange::Input open();
  Exchange::Input read();
  void set_channel(std::unique_ptr<Channel> channel);
  void wake();

  Sequence sequence_;
  std::stop_token stop_;
  Clock& clock_;
  Action action_;
  bool started_ = false;

  // The stop callback may wake the channel from another thread while the channel is replaced.
  std::mutex channel_mutex_;
  std::unique_ptr<Channel> channel_;
  Piecewise pieces_;
  // This is the last member, so it is destroyed first. No callback meets a half-destroyed driver.
  std::optional<std::stop_callback<std::function<void()>>> on_stop_;
};

}  // namespace abstractllm
