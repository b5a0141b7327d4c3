// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "abstractllm/options.hpp"
#include "abstractllm/result.hpp"

namespace abstractllm {

/// The local file of a model, by the name that was asked for; it may take its time, and ends early after a stop
/// request.
using ModelFinder = std::function<Result<std::string>(const std::string& model, std::stop_token stop)>;

/// What decides how a model is loaded; two handles with equal settings share one engine.
struct EngineSettings {
  std::string model;                    ///< path or name as it was asked for
  ModelFinder find_model;               ///< called before a load, on the engine's thread; none: model is a path
  std::int64_t context_size = 8192;     ///< tokens; 0: what the model was trained with
  std::optional<std::int64_t> threads;  ///< unset: physical cores
  std::int64_t gpu_layers = -1;         ///< -1: as many as fit
  std::string device = "auto";
  std::string mmproj;  ///< the projector that was asked for, or empty
  std::int64_t parallel = 4;
  std::vector<std::string> engine_args;
};

/// The engine's part of `merged`, with the defaults of options.def. Looks at no file.
EngineSettings engine_settings(const Options& merged);

/// The projector file for these settings: the one asked for, else the first mmproj*.gguf by name in the model's folder;
/// empty where there is none. Looks at the disk.
std::string projector_of(const EngineSettings& settings);

/// Equal for equal settings, whoever finds the model. The model counts by its absolute path, without looking at the
/// disk: a link and what it points at are two models.
std::string engine_key(const EngineSettings& settings);

}  // namespace abstractllm
