// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "abstractllm/transport.hpp"

namespace abstractllm {

/// One request to the engine and its answer on the way back: written by the engine's threads, read by one Channel.
/// Thread-safe.
class Call {
 public:
  explicit Call(std::shared_ptr<const HttpRequest> request) : request_(std::move(request)) {}

  const HttpRequest& request() const { return *request_; }

  // The engine's side. Whatever comes after end(), fail() or abandon() is dropped.

  /// Before open().
  void warn(Warning warning);
  /// This call had to wait for the model, that long; before open().
  void set_load_time(std::chrono::microseconds time) { load_time_ = time; }
  std::optional<std::chrono::microseconds> load_time() const { return load_time_; }
  /// Status and content type; before any bytes.
  void open(int status, std::string_view content_type);
  void append(std::string_view bytes);
  void end();
  void fail(Error error);
  /// Nobody reads any more: whatever is done for this call may stop.
  bool abandoned() const;

  // The reader's side: as Channel describes it.

  std::optional<IoResult> poll();
  void wait(std::chrono::steady_clock::time_point deadline);
  void wake();
  void notify(std::function<void()> ready);
  /// False: the answer was complete already.
  bool abandon();

 private:
  /// Tells the reader that there is something; the one place from which it is told.
  void announce() {
    if (ready_) ready_();
    else changed_.notify_one();
  }
  bool closed() const { return ended_ || error_.has_value() || abandoned_; }
  bool readable() const {
    return !warnings_.empty() || head_.has_value() || !arriving_.empty() ||
           (!finished_ && (ended_ || error_.has_value()));
  }

  const std::shared_ptr<const HttpRequest> request_;
  std::optional<std::chrono::microseconds> load_time_;  // the engine's side only, from one thread to the next

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void()> ready_;
  std::deque<Warning> warnings_;
  std::optional<HttpHead> head_;
  std::string arriving_;  // what has come since the last poll
  std::string given_;     // what the last poll handed out; the two are swapped, so that nothing is allocated per token
  std::optional<Error> error_;
  bool ended_ = false;
  bool finished_ = false;  // the reader was told of the end
  bool woken_ = false;
  bool abandoned_ = false;
};

}  // namespace abstractllm
