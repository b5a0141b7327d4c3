// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace abstractllm {

/// The model that answers where none is named: small enough to be there in seconds.
inline constexpr std::string_view default_model_name = "bartowski/SmolLM2-135M-Instruct-GGUF:Q4_K_M";

/// Where scripts/quickstart puts a model when no hub can be reached: $ABSTRACTLLM_HOME/models, by default
/// ~/.cache/abstractllm/models. Reads the environment only.
std::optional<std::filesystem::path> quickstart_folder();

/// The path of the default model's file where `model` names the default model and scripts/quickstart has put it into
/// `folder`; else nothing.
std::optional<std::string> file_of_default_model(std::string_view model, const std::filesystem::path& folder);

}  // namespace abstractllm
