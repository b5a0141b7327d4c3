// SPDX-License-Identifier: Apache-2.0
#include "support/scripted_transport.hpp"

#include <stdexcept>

#include "base/json.hpp"

namespace abstractllm::test {

class ScriptedTransport::PlayedChannel final : public Channel {
 public:
  PlayedChannel(Script script, FakeClock& clock, std::shared_ptr<std::atomic<int>> open, std::function<void()> on_wait)
      : script_(std::move(script)), clock_(clock), open_(std::move(open)), on_wait_(std::move(on_wait)) {
    ++*open_;
  }
  ~PlayedChannel() override { --*open_; }

  std::optional<IoResult> poll() override {
    if (at_ == script_.size()) return std::nullopt;
    Step& step = script_[at_];
    if (std::holds_alternative<Silence>(step) || std::holds_alternative<Pause>(step) ||
        std::holds_alternative<SentAfter>(step))
      return std::nullopt;
    ++at_;
    if (auto* head = std::get_if<Head>(&step)) return HttpHead{head->status, head->headers};
    if (auto* bytes = std::get_if<Bytes>(&step)) return BodyBytes{bytes->bytes};
    if (auto* error = std::get_if<Error>(&step)) return *error;
    return BodyEnd{};
  }

  void wait(TimePoint deadline) override {
    if (on_wait_) on_wait_();
    if (woken_) return;
    if (const auto end = end_of_silence()) {
      if (*end <= std::max(deadline, clock_.now())) ++at_;
      clock_.advance_to(std::min(*end, deadline));
      return;
    }
    if (deadline == TimePoint::max()) throw std::logic_error("the call would wait for ever");
    clock_.advance_to(deadline);
  }

  void wake() override { woken_ = true; }

 private:
  std::optional<TimePoint> end_of_silence() const {
    if (at_ == script_.size()) return std::nullopt;
    if (const auto* pause = std::get_if<Pause>(&script_[at_])) return clock_.now() + pause->time;
    if (const auto* sent = std::get_if<SentAfter>(&script_[at_])) return opened_ + sent->time;
    return std::nullopt;
  }

  Script script_;
  FakeClock& clock_;
  TimePoint opened_ = clock_.now();
  std::shared_ptr<std::atomic<int>> open_;
  std::function<void()> on_wait_;
  std::size_t at_ = 0;
  bool woken_ = false;
};

Result<std::unique_ptr<Channel>> ScriptedTransport::open(std::shared_ptr<const HttpRequest> request) {
  const std::lock_guard lock(mutex_);
  const std::size_t turn = std::min(requests_.size(), scripts_.size() - 1);
  requests_.push_back(std::move(request));
  return std::unique_ptr<Channel>(std::make_unique<PlayedChannel>(scripts_[turn], clock_, open_channels_, on_wait_));
}

std::vector<std::shared_ptr<const HttpRequest>> ScriptedTransport::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

namespace {

Json usage() { return {{"prompt_tokens", 7}, {"completion_tokens", 3}, {"total_tokens", 10}}; }

std::string frame(const Json& json) { return "data: " + json.dump() + "\n\n"; }

Json chunk(Json choices) {
  return {{"id", "chat-1"}, {"object", "chat.completion.chunk"}, {"model", "m-1"}, {"choices", std::move(choices)}};
}

}  // namespace

std::string chat_stream(const std::vector<std::string>& pieces, const std::string& finish_reason) {
  std::string bytes;
  for (const std::string& piece : pieces)
    bytes += frame(chunk(Json::array({{{"index", 0}, {"delta", {{"content", piece}}}, {"finish_reason", nullptr}}})));
  bytes += frame(chunk(Json::array({{{"index", 0}, {"delta", Json::object()}, {"finish_reason", finish_reason}}})));
  Json last = chunk(Json::array());
  last["usage"] = usage();
  return bytes + frame(last) + "data: [DONE]\n\n";
}

std::string chat_body(const std::string& text, const std::string& finish_reason) {
  const Json choice = {
      {"index", 0}, {"message", {{"role", "assistant"}, {"content", text}}}, {"finish_reason", finish_reason}};
  return Json{{"id", "chat-1"},
              {"object", "chat.completion"},
              {"model", "m-1"},
              {"choices", Json::array({choice})},
              {"usage", usage()}}
      .dump();
}

}  // namespace abstractllm::test
