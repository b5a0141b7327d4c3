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

}  // namespace abstractllm
