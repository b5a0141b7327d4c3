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
#include <vector>

#include "abstractllm/transport.hpp"
#include "engines/llama_cpp/adapter_file.hpp"

namespace abstractllm {

/// One request to the engine and its answer. The engine's threads write it, and one Channel reads it. Thread-safe.
class Call {
 public:
  explicit Call(std::shared_ptr<const HttpRequest> request, std::vector<AdapterUse> adapters = {},
                AdapterFinder find_adapter = {})
      : request_(std::move(request)), adapters_(std::move(adapters)), find_adapter_(std::move(find_adapter)) {}

  const HttpRequest& request() const { return *request_; }
  const std::vector<AdapterUse>& adapters() const { return adapters_; }
  /// May be empty: then adapters are files.
  const AdapterFinder& find_adapter() const { return find_adapter_; }

  // The engine's side. Everything after end(), fail() or abandon() is dropped.

  /// Call it before open().
  void warn(Warning warning);
  /// The time that this call had to wait for the model. Call it before open().
  void set_load_time(std::chrono::microseconds time) { load_time_ = time; }
  std::optional<std::chrono::microseconds> load_time() const { return load_time_; }
  /// Sets status and content type. Call it before any bytes.
  void open(int status, std::string_view content_type);
  void append(std::string_view bytes);
  void end();
  void fail(Error error);
  /// Nobody reads any more. All work for this call may stop.
  bool abandoned() const;

  // The reader's side, as in Channel.

  std::optional<IoResult> poll();
  void wait(std::chrono::steady_clock::time_point deadline);
  void wake();
  void notify(std::function<void()> ready);
  /// Returns false if the answer was already complete.
  bool abandon();

 private:
  /// Tells the reader that there is something. No other function does this.
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
  const std::vector<AdapterUse> adapters_;
  const AdapterFinder find_adapter_;  // of the caller's handle, whose token may be another one than that of the model's
  std::optional<std::chrono::microseconds> load_time_;  // engine's side only; passed from one thread to the next

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void()> ready_;
  std::deque<Warning> warnings_;
  std::optional<HttpHead> head_;
  std::string arriving_;  // bytes that arrived since the last poll
  std::string given_;     // bytes that the last poll returned; the two are swapped, so that no token allocates memory
  std::optional<Error> error_;
  bool ended_ = false;
  bool finished_ = false;  // the reader knows the end
  bool woken_ = false;
  bool abandoned_ = false;
};

}  // namespace abstractllm
