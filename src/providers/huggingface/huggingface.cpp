// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <system_error>

#include "abstractllm/registry.hpp"
#include "engines/llama_cpp/gguf_writer.hpp"
#include "engines/llama_cpp/llama_cpp_transport.hpp"
#include "hub/default_model.hpp"
#include "hub/local_adapter.hpp"
#include "hub/local_model.hpp"
#include "protocols/openai_chat/openai_chat.hpp"
#include "providers/dialects.hpp"

namespace abstractllm {
namespace {

HubOptions hub_of(const Options& merged) {
  HubOptions hub;
  hub.token = merged.api_key();
  return hub;
}

Result<std::shared_ptr<Transport>> open_engine(const Options& merged) {
  if (merged.base_url())
    return Error(ErrorKind::not_configured, "provider huggingface runs models in this process and takes no base_url");
  const auto models = std::make_shared<const LocalModels>(hub_of(merged), gguf_engine());
  ModelFinder finder;
  const auto files = [](LocalModel found) {
    return ModelFiles{std::move(found.model), std::move(found.projector), std::move(found.warnings)};
  };
  finder.on_disk = [models, files](const std::string& model) -> std::optional<ModelFiles> {
    auto found = models->on_disk(model);
    if (!found) return std::nullopt;
    return files(*std::move(found));
  };
  finder.fetch = [models, files](const std::string& model, std::stop_token stop) -> Result<ModelFiles> {
    auto found = models->fetch(model, std::move(stop));
    if (!found) return std::move(found).error();
    return files(*std::move(found));
  };
  const auto adapters = std::make_shared<const LocalAdapters>(hub_of(merged), gguf_engine());
  finder.adapter = [adapters](const std::string& adapter, const GgufDescription& base, std::stop_token stop) {
    return adapters->fetch(adapter, base, std::move(stop));
  };
  return make_llama_cpp_transport(merged, std::move(finder));
}

/// Returns what a model can do. It is unknown for a model that is not on this disk yet.
Capabilities capabilities_of_model(const Options& merged) {
  auto files = LocalModels(hub_of(merged)).on_disk(merged.model().value_or(""));
  std::error_code unreadable;  // not reported, because the engine's error says more
  if (files && std::filesystem::is_regular_file(files->model, unreadable))
    return capabilities_with(merged, {std::move(files->model), std::move(files->projector), {}});
  return {};
}

/// Lists the complete GGUF models on this disk.
Result<std::vector<ModelInfo>> list_downloaded(const Options&) {
  const auto cached = cached_models();
  if (!cached) return cached.error();
  std::vector<ModelInfo> models;
  for (const CachedModel& model : *cached) {
    if (!model.usable) continue;
    ModelInfo& info = models.emplace_back();
    info.id = model.name;
    info.size_bytes = model.size_bytes;
    info.capabilities = capabilities_of_model(Options().model(model.name));
  }
  return models;
}

}  // namespace

/// Models in this process, through llama.cpp. It takes the same bytes as an OpenAI-shaped server and needs neither
/// timeouts nor retries: nothing between this library and the engine can get lost, and a download has its own retries.
Provider huggingface_provider() {
  Provider provider;
  provider.name = "huggingface";
  provider.description =
      "models in this process (llama.cpp): a .gguf file, a folder of safetensors, or one of the Hugging Face hub";
  provider.protocols = {make_openai_chat_protocol(dialects::local_models())};
  provider.base_url = "local://llama.cpp/v1";
  provider.defaults.model(std::string(default_model_name));
  provider.capabilities = capabilities_of_model;
  provider.audio_limits.seconds = 3600;  // ours: the engine decodes whatever a header claims (v0.5.0, tools/mtmd)
  provider.defaults.max_retries(0);
  provider.transport = open_engine;
  provider.loads_models = true;
  provider.counts_tokens = true;
  provider.list_models = list_downloaded;
  return provider;
}

}  // namespace abstractllm
