// SPDX-License-Identifier: Apache-2.0
#include "tools/tool_inquiry.hpp"

#include <utility>

#include "base/reactor.hpp"

namespace abstractllm {
namespace {

/// One stage of a round. Its body has one byte for each time that something may have come.
class ToolChannel final : public Channel {
 public:
  ToolChannel(std::shared_ptr<ToolRound> round, ToolInquiry::Stage stage) : round_(std::move(round)), stage_(stage) {}
  ~ToolChannel() override {
    round_->notify(nullptr);
    if (!ended_) round_->stop();
  }
  ToolChannel(const ToolChannel&) = delete;
  ToolChannel& operator=(const ToolChannel&) = delete;

  std::optional<IoResult> poll() override {
    if (ended_) return std::nullopt;
    if (!std::exchange(has_head_, true)) {
      stage_ == ToolInquiry::Stage::ask ? round_->ask() : round_->run();
      HttpHead head;
      head.status = 200;
      return head;
    }
    if (stage_ == ToolInquiry::Stage::ask) return end_if(round_->is_asked());
    if (round_->has_outcomes()) return BodyBytes{"\n"};
    if (timer_) timer_->set(round_->deadline());
    return end_if(round_->is_done());
  }
  void wait(std::chrono::steady_clock::time_point deadline) override { round_->wait(deadline); }
  void wake() override { round_->wake(); }
  bool notify(std::function<void()> ready) override {
    // A tool that takes too long tells nobody.
    timer_ = std::make_unique<Reactor::Timer>(Reactor::shared(), ready);
    round_->notify(std::move(ready));
    return true;
  }

 private:
  std::optional<IoResult> end_if(bool ended) {
    if (!ended) return std::nullopt;
    ended_ = true;
    return BodyEnd{};
  }

  std::shared_ptr<ToolRound> round_;
  ToolInquiry::Stage stage_;
  std::unique_ptr<Reactor::Timer> timer_;  // asynchronous calls only
  bool has_head_ = false;
  bool ended_ = false;
};

class ToolTransport final : public Transport {
 public:
  ToolTransport(std::shared_ptr<ToolRound> round, ToolInquiry::Stage stage) : round_(std::move(round)), stage_(stage) {}

  Result<std::unique_ptr<Channel>> open(std::shared_ptr<const HttpRequest>) override {
    return std::unique_ptr<Channel>(std::make_unique<ToolChannel>(round_, stage_));
  }

 private:
  std::shared_ptr<ToolRound> round_;
  ToolInquiry::Stage stage_;
};

}  // namespace

ToolInquiry::ToolInquiry(std::shared_ptr<ToolRound> round, Stage stage, std::function<Result<void>(ToolOutcome)> take,
                         std::function<bool()> has_output)
    : round_(std::move(round)),
      take_(std::move(take)),
      has_output_(std::move(has_output)),
      request_(std::make_shared<const HttpRequest>()),
      transport_(std::make_shared<ToolTransport>(round_, stage)) {}

Result<void> ToolInquiry::feed(std::string_view) { return take_all(); }

Result<void> ToolInquiry::finish() {
  auto taken = take_all();
  reading_.finished = taken.has_value();
  return taken;
}

Result<void> ToolInquiry::take_all() {
  for (ToolOutcome& outcome : round_->take())
    if (auto taken = take_(std::move(outcome)); !taken) return taken;
  return {};
}

Error ToolInquiry::decode_error(const HttpHead&, std::string_view) {
  return {ErrorKind::internal, "a round of tools has no error body"};
}

}  // namespace abstractllm
