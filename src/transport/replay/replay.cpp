// SPDX-License-Identifier: Apache-2.0
#include "transport/replay/replay.hpp"

#include <algorithm>
#include <condition_variable>
#include <fstream>
#include <iterator>
#include <mutex>

#include "base/clock.hpp"
#include "base/reactor.hpp"

namespace abstractllm {
namespace {

/// The steps for the replay: in smaller pieces, and cut short by a fault.
std::vector<RecordedStep> steps_to_play(const RecordedExchange& exchange, const ReplayOptions& options) {
  std::vector<RecordedStep> steps;
  for (const RecordedStep& step : exchange.steps) {
    const auto* bytes = std::get_if<RecordedBytes>(&step.what);
    if (bytes == nullptr || options.piece_bytes == 0) {
      steps.push_back(step);
      continue;
    }
    for (std::size_t at = 0; at < bytes->bytes.size(); at += options.piece_bytes)
      steps.push_back({step.at, RecordedBytes{bytes->bytes.substr(at, options.piece_bytes)}});
  }
  if (options.fail_at_step && *options.fail_at_step < steps.size()) {
    steps.resize(*options.fail_at_step);
    steps.push_back({{}, Error(ErrorKind::network, "the replay was told to break here")});
  }
  return steps;
}

class ReplayChannel final : public Channel {
 public:
  ReplayChannel(std::vector<RecordedStep> steps, ReplayPace pace)
      : steps_(std::move(steps)), pace_(pace), started_(Clock::system().now()) {}

  std::optional<IoResult> poll() override {
    if (at_ == steps_.size()) return std::nullopt;
    if (due() > Clock::system().now()) {
      if (timer_) timer_->set(due());
      return std::nullopt;
    }
    return std::visit(
        [](auto& what) -> IoResult {
          if constexpr (std::is_same_v<std::decay_t<decltype(what)>, RecordedBytes>) return BodyBytes{what.bytes};
          else return what;
        },
        steps_[at_++].what);
  }

  void wait(std::chrono::steady_clock::time_point deadline) override {
    // After the last step. The recording ends where its reader dropped it, which looks like a silent server.
    const TimePoint until = at_ == steps_.size() ? deadline : std::min(due(), deadline);
    std::unique_lock lock(mutex_);
    woken_changed_.wait_until(lock, until, [this] { return woken_; });
    woken_ = false;
  }

  bool notify(std::function<void()> ready) override {
    timer_ = std::make_unique<Reactor::Timer>(Reactor::shared(), ready);
    ready();
    return true;
  }

  void wake() override {
    const std::lock_guard lock(mutex_);
    woken_ = true;
    woken_changed_.notify_all();
  }

 private:
  TimePoint due() const { return pace_ == ReplayPace::recorded ? started_ + steps_[at_].at : started_; }

  std::vector<RecordedStep> steps_;
  ReplayPace pace_;
  TimePoint started_;
  std::size_t at_ = 0;
  std::mutex mutex_;
  std::condition_variable woken_changed_;
  bool woken_ = false;
  std::unique_ptr<Reactor::Timer> timer_;  // used on the event loop
};

class ReplayTransport final : public Transport {
 public:
  ReplayTransport(std::vector<RecordedExchange> exchanges, const ReplayOptions& options)
      : exchanges_(std::move(exchanges)), options_(options) {}

  Result<std::unique_ptr<Channel>> open(std::shared_ptr<const HttpRequest>) override {
    const std::lock_guard lock(mutex_);
    if (next_ == exchanges_.size())
      return Error(ErrorKind::not_configured,
                   "no recorded answer is left for this request; there were " + std::to_string(exchanges_.size()));
    return std::unique_ptr<Channel>(
        std::make_unique<ReplayChannel>(steps_to_play(exchanges_[next_++], options_), options_.pace));
  }

 private:
  std::mutex mutex_;
  std::vector<RecordedExchange> exchanges_;
  ReplayOptions options_;
  std::size_t next_ = 0;
};

}  // namespace

std::shared_ptr<Transport> make_replay_transport(std::vector<RecordedExchange> exchanges,
                                                 const ReplayOptions& options) {
  return std::make_shared<ReplayTransport>(std::move(exchanges), options);
}

Result<std::shared_ptr<Transport>> make_replay_transport(const std::string& path, const ReplayOptions& options) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error(ErrorKind::not_configured, "cannot read the recording '" + path + "'");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  auto exchanges = read_recording(text);
  if (!exchanges) return std::move(exchanges).error();
  if (exchanges->empty()) return Error(ErrorKind::not_configured, "the recording '" + path + "' holds no exchange");
  return make_replay_transport(*std::move(exchanges), options);
}

}  // namespace abstractllm
