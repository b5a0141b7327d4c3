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

namespace abstractllm {

/// Files of a model on this disk.
struct ModelFiles {
  std::string model;                     ///< what is loaded: the first part
  std::optional<std::string> projector;  ///< empty: there is none; unset: an mmproj*.gguf beside the model, if any
  std::vector<Warning> warnings = {};    ///< for every call, about which files these are
};

/// From the name that was asked for to files.
struct ModelFinder {
  /// Looks at the disk only; nothing where the model is not there yet.
  std::function<std::optional<ModelFiles>(const std::string& model)> on_disk;
  /// May take its time, and ends early after a stop request.
  std::function<Result<ModelFiles>(const std::string& model, std::stop_token stop)> fetch;
};

/// What decides how a model is loaded; two handles with equal engine_key() share one engine.
struct EngineSettings {
  std::string model;                    ///< path or name as it was asked for
  ModelFinder finder;                   ///< empty: model is a path
  std::int64_t context_size = 8192;     ///< tokens; 0: what the model was trained with
  std::optional<std::int64_t> threads;  ///< unset: physical cores
  std::int64_t gpu_layers = -1;         ///< -1: as many as fit
  std::string device = "auto";
  std::string mmproj;         ///< the projector that was asked for, or empty
  std::string chat_template;  ///< as it was asked for, or empty
  std::int64_t parallel = 4;
  std::vector<std::string> engine_args;
  // Of who came last; no part of the key.
  std::optional<std::chrono::milliseconds> keep_alive;  ///< unset: for ever
  bool auto_warmup = false;
  std::vector<Warning> warnings;  ///< of the files that were found
};

/// The engine's part of `merged`, with the defaults of options.def. Looks at no file.
EngineSettings engine_settings(const Options& merged);

/// The projector for these files: the one asked for, else the one that was found with them, else the first mmproj*.gguf
/// by name in the model's folder; empty where there is none. Looks at the disk.
std::string projector_of(const EngineSettings& settings, const ModelFiles& files);

/// Equal for what one engine can serve: the same files, whatever they were called, and equal options of loading. A name
/// that is not on this disk yet counts by itself. Looks at the disk.
std::string engine_key(const EngineSettings& settings);

/// The same for files that were found.
std::string engine_key(const EngineSettings& settings, const ModelFiles& files);

}  // namespace abstractllm
