// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/llama_cpp_transport.hpp"

#include <mutex>
#include <utility>

#include "base/process.hpp"
#include "engines/llama_cpp/backends.hpp"
#include "engines/llama_cpp/call.hpp"
#include "engines/llama_cpp/direct_answer.hpp"
#include "engines/llama_cpp/model_metadata.hpp"
#include "engines/llama_cpp/model_runner.hpp"
#include "engines/llama_cpp/runner_registry.hpp"

namespace abstractllm {
namespace {

class LlamaCppChannel final : public Channel {
 public:
  LlamaCppChannel(std::shared_ptr<ModelRunner> runner, std::shared_ptr<Call> call)
      : runner_(std::move(runner)), call_(std::move(call)) {}
  ~LlamaCppChannel() override { runner_->cancel(*call_); }
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
  std::shared_ptr<ModelRunner> runner_;
  std::shared_ptr<Call> call_;
};

class LlamaCppTransport final : public Transport {
 public:
  explicit LlamaCppTransport(ModelSettings settings) : settings_(std::move(settings)) {}

  Result<std::unique_ptr<Channel>> open(std::shared_ptr<const HttpRequest> request) override {
    std::shared_ptr<ModelRunner> runner = runner_for(path_of(request->url));
    auto call = std::make_shared<Call>(std::move(request), settings_.adapters, settings_.finder.adapter);
    runner->submit(call);
    return std::unique_ptr<Channel>(std::make_unique<LlamaCppChannel>(std::move(runner), std::move(call)));
  }

 private:
  std::shared_ptr<ModelRunner> runner_for(std::string_view path) {
    const ForkHold hold;
    const std::lock_guard lock(mutex_);
    if (path.ends_with("/models") && embedder_ && !embedder_->is_inherited()) return embedder_;
    if (!path.ends_with("/embeddings") && !path.ends_with("/rerank")) return acquire(answerer_, ModelPurpose::answers);
    // A model that cannot write is the same for both purposes.
    if (acquire(answerer_, ModelPurpose::answers)->makes_embeddings()) return answerer_;
    return acquire(embedder_, ModelPurpose::embeddings);
  }

  std::shared_ptr<ModelRunner> acquire(std::shared_ptr<ModelRunner>& runner, ModelPurpose purpose) const {
    if (runner && !runner->is_inherited()) return runner;
    ModelSettings settings = settings_;
    settings.purpose = purpose;
    runner = acquire_runner(settings);
    return runner;
  }

  const ModelSettings settings_;
  std::mutex mutex_;
  std::shared_ptr<ModelRunner> answerer_;
  std::shared_ptr<ModelRunner> embedder_;
};

}  // namespace

Result<std::shared_ptr<Transport>> make_llama_cpp_transport(const Options& merged, ModelFinder finder) {
  ModelSettings settings = model_settings(merged);
  auto adapters = read_adapters(merged.adapters().value_or(std::vector<std::string>()));
  if (!adapters) return std::move(adapters).error();
  settings.adapters = *std::move(adapters);
  settings.finder = std::move(finder);
  return std::shared_ptr<Transport>(std::make_shared<LlamaCppTransport>(std::move(settings)));
}

Capabilities capabilities_with(const Options& merged, const ModelFiles& files) {
  const std::string projector = projector_of(model_settings(merged), files);
  if (!projector.empty()) {
    start_backends();  // before the engine logs anything
    return projector_capabilities(projector);
  }
  Capabilities none;
  none.vision = none.hearing = false;
  return none;
}

}  // namespace abstractllm
