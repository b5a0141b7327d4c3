// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/llama_cpp_transport.hpp"

#include <utility>

#include "engines/llama_cpp/call.hpp"
#include "engines/llama_cpp/engine.hpp"
#include "engines/llama_cpp/engine_registry.hpp"

namespace abstractllm {
namespace {

class LlamaCppChannel final : public Channel {
 public:
  LlamaCppChannel(std::shared_ptr<Engine> engine, std::shared_ptr<Call> call)
      : engine_(std::move(engine)), call_(std::move(call)) {}
  ~LlamaCppChannel() override { engine_->cancel(*call_); }
  LlamaCppChannel(const LlamaCppChannel&) = delete;
  LlamaCppChannel& operator=(const LlamaCppChannel&) = delete;

  std::optional<IoResult> poll() override { return call_->poll(); }
  void wait(std::chrono::steady_clock::time_point deadline) override { call_->wait(deadline); }
  void wake() override { call_->wake(); }
  bool notify(std::function<void()> ready) override {
    call_->notify(std::move(ready));
    return true;
  }

 private:
  std::shared_ptr<Engine> engine_;
  std::shared_ptr<Call> call_;
};

class LlamaCppTransport final : public Transport {
 public:
  explicit LlamaCppTransport(std::shared_ptr<Engine> engine) : engine_(std::move(engine)) {}

  Result<std::unique_ptr<Channel>> open(std::shared_ptr<const HttpRequest> request) override {
    auto call = std::make_shared<Call>(std::move(request));
    engine_->submit(call);
    return std::unique_ptr<Channel>(std::make_unique<LlamaCppChannel>(engine_, std::move(call)));
  }

 private:
  std::shared_ptr<Engine> engine_;
};

}  // namespace

Result<std::shared_ptr<Transport>> make_llama_cpp_transport(const Options& merged, ModelFinder find_model) {
  EngineSettings settings = engine_settings(merged);
  settings.find_model = std::move(find_model);
  return std::shared_ptr<Transport>(std::make_shared<LlamaCppTransport>(acquire_engine(settings)));
}

bool has_projector(const Options& merged) { return !projector_of(engine_settings(merged)).empty(); }

}  // namespace abstractllm
