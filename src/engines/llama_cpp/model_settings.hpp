// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "abstractllm/options.hpp"
#include "abstractllm/response.hpp"
#include "abstractllm/result.hpp"
#include "engines/llama_cpp/adapter_file.hpp"

namespace abstractllm {

/// Files of a model on this disk.
struct ModelFiles {
  std::string model;  ///< the file to load: the first part
  std::optional<std::string>
      projector;  ///< empty: there is none; unset: an mmproj*.gguf next to the model, if there is one
  std::vector<Warning> warnings = {};  ///< for every call, about the choice of files
};

/// Finds the files for a requested name.
struct ModelFinder {
  /// Looks at the disk only. Returns nullopt if the model is not on this disk.
  std::function<std::optional<ModelFiles>(const std::string& model)> on_disk;
  /// May take long. Ends early after a stop request.
  std::function<Result<ModelFiles>(const std::string& model, std::stop_token stop)> fetch;
  AdapterFinder adapter;
};

/// What a model is loaded for. The engine needs a context of its own for each.
enum class ModelPurpose { answers, embeddings };

/// The settings for loading a model. Two handles with equal model_key() share one runner.
struct ModelSettings {
  std::string model;                    ///< the requested path or name
  ModelFinder finder;                   ///< empty if `model` is a path
  std::int64_t context_size = 8192;     ///< tokens; 0: the size that the model was trained with
  std::optional<std::int64_t> threads;  ///< unset: physical cores
  std::int64_t gpu_layers = -1;         ///< -1: as many as fit
  std::string device = "auto";
  std::string mmproj;         ///< the requested projector, or empty
  std::string chat_template;  ///< the requested template, or empty
  std::int64_t parallel = 4;
  ModelPurpose purpose = ModelPurpose::answers;
  std::vector<std::string> engine_args;
  // Each call says these. They are not part of the key, so that handles with different adapters share a model.
  std::vector<AdapterUse> adapters;
  // The last handle decides these. They are not part of the key.
  std::optional<std::chrono::milliseconds> keep_alive;  ///< unset: no limit
  bool auto_warmup = false;
  std::vector<Warning> warnings;  ///< about the files that were found
};

/// The engine's part of `merged`, with the defaults of options.def. Reads no file.
ModelSettings model_settings(const Options& merged);

/// The projector for these files: the requested one, otherwise the one that was found with them, otherwise the first
/// mmproj*.gguf by name in the model's folder. Empty if there is none. Looks at the disk.
std::string projector_of(const ModelSettings& settings, const ModelFiles& files);

/// A key that is equal for settings that one runner can serve: the same files under any name, and equal loading
/// options. For a model that is not on this disk, the name itself counts. Looks at the disk.
std::string model_key(const ModelSettings& settings);

/// The same for known files.
std::string model_key(const ModelSettings& settings, const ModelFiles& files);

}  // namespace abstractllm
