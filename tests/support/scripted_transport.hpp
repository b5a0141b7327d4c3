// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "abstractllm/transport.hpp"
#include "base/clock.hpp"

namespace abstractllm::test {

/// Time that passes only when somebody waits for it.
class FakeClock final : public Clock {
 public:
  TimePoint now() const override { return now_.load(); }
  void sleep_until(TimePoint deadline, const std::stop_token& stop) override {
    if (!stop.stop_requested()) advance_to(deadline);
  }
  void advance_to(TimePoint time) {
    if (time > now_.load()) now_.store(time);
  }
  void advance(std::chrono::milliseconds by) { now_.store(now_.load() + by); }

 private:
  std::atomic<TimePoint> now_{TimePoint{std::chrono::hours(1)}};
};

/// One thing that a server does.
struct Head {
  int status = 200;
  std::vector<HttpHeader> headers = {};
};
struct Bytes {
  std::string bytes;
};
struct End {};
/// Says nothing any more.
struct Silence {};
/// Says nothing for that long.
struct Pause {
  std::chrono::milliseconds time;
};
/// What follows is sent that long after the request, whatever the client does meanwhile; like a socket's bytes it is
/// seen once the client waits.
struct SentAfter {
  std::chrono::milliseconds time;
};
using Step = std::variant<Head, Bytes, End, Error, Silence, Pause, SentAfter>;

/// What a server does with one request.
using Script = std::vector<Step>;

/// A server that plays one script for each request, the last one again and again. Counts what it saw. Thread-safe.
class ScriptedTransport final : public Transport {
 public:
  ScriptedTransport(std::vector<Script> scripts, FakeClock& clock) : scripts_(std::move(scripts)), clock_(clock) {}

  Result<std::unique_ptr<Channel>> open(std::shared_ptr<const HttpRequest> request) override;

  std::vector<std::shared_ptr<const HttpRequest>> requests() const;
  int open_channels() const { return *open_channels_; }
  /// Called by a channel that is about to wait: a test's place to stop the call from "another thread".
  void on_wait(std::function<void()> hook) { on_wait_ = std::move(hook); }

 private:
  class PlayedChannel;
  std::vector<Script> scripts_;
  FakeClock& clock_;
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<const HttpRequest>> requests_;
  std::shared_ptr<std::atomic<int>> open_channels_ = std::make_shared<std::atomic<int>>(0);
  std::function<void()> on_wait_;
};

/// The bytes of a streamed Chat answer: each piece of text one frame, then the finish reason, usage and [DONE].
std::string chat_stream(const std::vector<std::string>& pieces, const std::string& finish_reason = "stop");
/// The same answer as one body.
std::string chat_body(const std::string& text, const std::string& finish_reason = "stop");

}  // namespace abstractllm::test
