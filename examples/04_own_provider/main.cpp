// SPDX-License-Identifier: Apache-2.0
// A provider of your own. This one needs no model, and speaks the Chat protocol as a server would.
#include <abstractllm/abstractllm.hpp>
#include <iostream>
#include <utility>

namespace llm = abstractllm;

// Answers every request with the same two events.
class EchoChannel final : public llm::Channel {
 public:
  std::optional<llm::IoResult> poll() override {
    switch (step_++) {
      case 0: return llm::HttpHead{200, {}};
      case 1:
        return llm::BodyBytes{
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"You said something.\"}}]}\n\n"
            "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"};
      case 2: return llm::BodyEnd{};
      default: return std::nullopt;
    }
  }
  void wait(std::chrono::steady_clock::time_point) override {}
  void wake() override {}

 private:
  int step_ = 0;
};

class EchoTransport final : public llm::Transport {
 public:
  llm::Result<std::unique_ptr<llm::Channel>> open(std::shared_ptr<const llm::HttpRequest>) override {
    return std::unique_ptr<llm::Channel>(std::make_unique<EchoChannel>());
  }
};

int main() {
  llm::Provider provider;
  provider.name = "echo";
  provider.protocols = {llm::protocol("openai_chat")};
  provider.base_url = "http://echo.invalid/v1";
  provider.transport = [](const llm::Options&) -> llm::Result<std::shared_ptr<llm::Transport>> {
    return std::shared_ptr<llm::Transport>(std::make_shared<EchoTransport>());
  };

  const llm::Llm model = llm::create_llm(std::move(provider)).value();
  llm::Stream stream = model.stream("Hello?");
  for (const llm::StreamEvent& event : stream)
    if (const auto* delta = std::get_if<llm::TextDelta>(&event)) std::cout << delta->text;
  std::cout << '\n';
}
