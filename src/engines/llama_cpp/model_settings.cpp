// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/model_settings.hpp"

#include <filesystem>

namespace abstractllm {
namespace {

std::string real_path(const std::string& file) {
  std::error_code failure;  // a path that does not exist is used unchanged
  const auto path = std::filesystem::weakly_canonical(file, failure);
  return failure ? file : path.string();
}

std::string key_of(std::string model, const std::string& projector, const ModelSettings& settings) {
  const auto add = [&model](const std::string& part) { (model += '\n') += part; };
  add(projector);
  add(std::to_string(settings.context_size));
  add(std::to_string(settings.threads.value_or(0)));
  add(std::to_string(settings.gpu_layers));
  add(settings.device);
  add(settings.chat_template);
  // The engine chooses how many texts share a batch.
  add(settings.purpose == ModelPurpose::embeddings ? "embeddings" : std::to_string(settings.parallel));
  for (const std::string& argument : settings.engine_args) add(argument);
  return model;
}

}  // namespace

ModelSettings model_settings(const Options& merged) {
  ModelSettings settings;
  settings.model = merged.model().value_or("");
  settings.context_size = merged.context_size().value_or(settings.context_size);
  settings.threads = merged.threads();
  settings.gpu_layers = merged.gpu_layers().value_or(settings.gpu_layers);
  settings.device = merged.device().value_or(settings.device);
  settings.mmproj = merged.mmproj().value_or("");
  settings.parallel = merged.parallel().value_or(settings.parallel);
  settings.chat_template = merged.chat_template().value_or("");
  settings.keep_alive = merged.keep_alive();
  settings.auto_warmup = merged.auto_warmup().value_or(false);
  settings.engine_args = merged.engine_args().value_or(settings.engine_args);
  return settings;
}

std::string projector_of(const ModelSettings& settings, const ModelFiles& files) {
  namespace fs = std::filesystem;
  if (!settings.mmproj.empty()) return settings.mmproj;
  if (files.projector) return *files.projector;
  const fs::path folder = fs::path(files.model).parent_path();
  std::error_code failure;  // a folder that cannot be listed has none
  std::string first;
  for (const auto& entry : fs::directory_iterator(folder.empty() ? fs::path(".") : folder, failure)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("mmproj") || !name.ends_with(".gguf")) continue;
    if (first.empty() || name < fs::path(first).filename().string()) first = entry.path().string();
  }
  return first;
}

std::string model_key(const ModelSettings& settings) {
  if (!settings.finder.on_disk) return model_key(settings, {settings.model, std::nullopt, {}});
  if (const auto files = settings.finder.on_disk(settings.model)) return model_key(settings, *files);
  return key_of(settings.model, settings.mmproj, settings);
}

std::string model_key(const ModelSettings& settings, const ModelFiles& files) {
  // A projector next to the model is not searched, because every new handle would have to list the folder.
  const std::string projector = settings.mmproj.empty() ? files.projector.value_or("") : settings.mmproj;
  return key_of(real_path(files.model), projector.empty() ? "" : real_path(projector), settings);
}

}  // namespace abstractllm
