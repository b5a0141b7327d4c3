// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "hub/gguf_choice.hpp"
#include "hub/hub_settings.hpp"

namespace abstractllm {

/// The files among these that the name means.
std::optional<GgufChoice> choose_files(const std::vector<std::string>& paths, const HubName& name);

/// The model at the commit that its revision had when the hub was last asked. Nullopt if a part is missing.
std::optional<HubModel> find_cached(const HubSettings& settings, const HubName& name);

/// Like find_cached, but also looks in other snapshots, the latest first. This helps if the hub cannot be reached.
std::optional<HubModel> find_cached_somewhere(const HubSettings& settings, const HubName& name);

/// The safetensors checkpoint of a name without a file, if all its files are on this disk: at the commit of its
/// revision, or for the default revision at another one, the latest first. HubModel::model_file is its folder.
std::optional<HubModel> find_cached_checkpoint(const HubSettings& settings, const HubName& name);

/// The LoRA adapter that PEFT saved, at the commit that its revision had when the hub was last asked.
/// HubModel::model_file is its folder. Nullopt if a file is missing.
std::optional<HubModel> find_cached_adapter(const HubSettings& settings, const HubName& name);

/// Like find_cached_adapter, but also looks in other snapshots, as find_cached_somewhere().
std::optional<HubModel> find_cached_adapter_somewhere(const HubSettings& settings, const HubName& name);

/// The files that the index in this folder names. Errors: not_configured (not readable), those of weights_of_index().
Result<std::vector<std::string>> index_at(const std::filesystem::path& folder);

}  // namespace abstractllm
