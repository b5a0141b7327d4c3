// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <system_error>

#include "abstractllm/registry.hpp"
#include "engines/llama_cpp/llama_cpp_transport.hpp"
#include "hub/default_model.hpp"

namespace abstractllm {
namespace {

Options with_model_file(const Options& merged) {
  Options options = merged;
  if (const auto file = file_of_default_model(options.model().value_or(""))) options.model(*file);
  return options;
}

Result<std::shared_ptr<Transport>> open_engine(const Options& merged) {
  if (merged.base_url())
    return Error(ErrorKind::not_configured, "provider huggingface runs models in this process and takes no base_url");
  return make_llama_cpp_transport(with_model_file(merged));
}

/// Not known of a model that is not there yet.
Capabilities capabilities_of_model(const Options& merged) {
  const Options options = with_model_file(merged);
  std::error_code unreadable;  // the engine's error says more
  Capabilities found;
  if (std::filesystem::is_regular_file(options.model().value_or(""), unreadable)) found.vision = has_projector(options);
  return found;
}

}  // namespace

/// Models in this process, through llama.cpp. It takes the same bytes as an OpenAI-shaped server and needs no timeouts:
/// nothing between us and the engine can get lost.
Provider huggingface_provider() {
  Provider provider;
  provider.name = "huggingface";
  provider.description = "models in this process (llama.cpp): a .gguf file";
  provider.protocols = {protocol("openai_chat")};
  provider.base_url = "local://llama.cpp/v1";
  provider.defaults.model(std::string(default_model_name));
  provider.capabilities = capabilities_of_model;
  provider.transport = open_engine;
  return provider;
}

}  // namespace abstractllm
