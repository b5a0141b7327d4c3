// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/engine_settings.hpp"

#include <filesystem>

namespace abstractllm {
namespace {

std::string absolute_path(const std::string& model) {
  std::error_code failure;
  const auto path = std::filesystem::absolute(model, failure);
  return failure ? model : path.lexically_normal().string();
}

}  // namespace

EngineSettings engine_settings(const Options& merged) {
  EngineSettings settings;
  settings.model = merged.model().value_or("");
  settings.context_size = merged.context_size().value_or(settings.context_size);
  settings.threads = merged.threads();
  settings.gpu_layers = merged.gpu_layers().value_or(settings.gpu_layers);
  settings.device = merged.device().value_or(settings.device);
  settings.mmproj = merged.mmproj().value_or("");
  settings.parallel = merged.parallel().value_or(settings.parallel);
  settings.engine_args = merged.engine_args().value_or(settings.engine_args);
  return settings;
}

std::string projector_of(const EngineSettings& settings) {
  namespace fs = std::filesystem;
  if (!settings.mmproj.empty()) return settings.mmproj;
  const fs::path folder = fs::path(settings.model).parent_path();
  std::error_code failure;  // a folder that cannot be listed holds none
  std::string first;
  for (const auto& entry : fs::directory_iterator(folder.empty() ? fs::path(".") : folder, failure)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("mmproj") || !name.ends_with(".gguf")) continue;
    if (first.empty() || name < fs::path(first).filename().string()) first = entry.path().string();
  }
  return first;
}

std::string engine_key(const EngineSettings& settings) {
  std::string key = absolute_path(settings.model);
  const auto add = [&key](const std::string& part) { (key += '\0') += part; };
  add(std::to_string(settings.context_size));
  add(std::to_string(settings.threads.value_or(0)));
  add(std::to_string(settings.gpu_layers));
  add(settings.device);
  add(settings.mmproj);
  add(std::to_string(settings.parallel));
  for (const std::string& argument : settings.engine_args) add(argument);
  return key;
}

}  // namespace abstractllm
