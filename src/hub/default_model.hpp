// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace abstractllm {

/// The model that answers if none is named. It was chosen among models with a free licence and less than 0.7 GB, by the
/// figures that their makers publish (docs/local-models.md).
inline constexpr std::string_view default_model_name = "Qwen/Qwen3-0.6B-GGUF:Q8_0";

/// The smallest model, used if the default model is not available.
inline constexpr std::string_view fallback_model_name = "bartowski/SmolLM2-135M-Instruct-GGUF:Q4_K_M";

/// The folder where scripts/quickstart puts a model if no hub can be reached: $ABSTRACTLLM_HOME/models, by default
/// ~/.cache/abstractllm/models. Reads the environment only.
std::optional<std::filesystem::path> quickstart_folder();

/// The GGUF files in `folder`, sorted. Empty if the folder cannot be read.
std::vector<std::filesystem::path> models_in(const std::filesystem::path& folder);

/// The path of the fallback model, if scripts/quickstart has put it into `folder`. Otherwise nullopt.
std::optional<std::string> file_of_fallback_model(const std::filesystem::path& folder);

}  // namespace abstractllm
