// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "hub/gguf_choice.hpp"
#include "hub/hub_settings.hpp"

namespace abstractllm {

/// The files that the name means among these.
std::optional<GgufChoice> choose_files(const std::vector<std::string>& paths, const HubName& name);

/// The model at the commit that its revision stood for when it was last asked for; nothing where a part is missing.
std::optional<HubModel> find_cached(const HubSettings& settings, const HubName& name);

/// As find_cached, or else in any other snapshot, the latest first: better than nothing when the hub is out of reach.
std::optional<HubModel> find_cached_somewhere(const HubSettings& settings, const HubName& name);

}  // namespace abstractllm
