// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <random>
#include <stop_token>
#include <string>

#include "abstractllm/abstractllm.hpp"
#include "soak/question.hpp"

namespace abstractllm::soak {

using Clock = std::chrono::steady_clock;

/// One call with random limits, and the verdict on how it ended. Does not move while it runs.
class Call {
 public:
  enum class Way { generate, stream, dropped_stream, generate_async, stream_async };

  Call(Way way, std::mt19937& random);

  /// Returns when a blocking call has ended and an asynchronous one has begun. Keep the call until done().
  void run(const Llm& model);
  bool done() const { return done_; }
  /// Empty: the call ended as it should. To be read once it is done.
  const std::string& fault() const { return fault_; }
  /// For messages: what was asked, how, and under which limits.
  std::string description() const;
  std::chrono::milliseconds limit() const { return timeout_; }
  /// When its stop token is to be used; the way nothing says never.
  std::optional<std::chrono::milliseconds> stop_after() const { return stop_after_; }
  void stop() { stop_.request_stop(); }
  ErrorKind kind() const { return kind_; }
  bool answered() const { return answered_; }

 private:
  Options options() const;
  void read(Stream stream);
  void finish(const Result<Response>& outcome);
  void judge(const Result<Response>& outcome);
  bool may_end_in(ErrorKind kind) const;
  void blame(const std::string& what);

  Way way_;
  Question question_;
  std::chrono::milliseconds timeout_, idle_, first_event_;
  std::optional<std::chrono::milliseconds> stop_after_;
  int retries_;
  std::stop_source stop_;
  Clock::time_point began_;
  std::string heard_;  ///< what the events have said
  std::string fault_;
  ErrorKind kind_ = ErrorKind::internal;
  bool answered_ = false;
  std::atomic<bool> done_ = false;
};

/// Slack for machines that are slow or busy.
inline constexpr std::chrono::seconds slack{20};

}  // namespace abstractllm::soak
