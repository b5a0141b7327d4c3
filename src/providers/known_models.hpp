// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "abstractllm/provider.hpp"

namespace abstractllm {

/// Whether a hosted model takes pictures, as known_models.def has it; nothing: not known.
std::optional<bool> known_vision(std::string_view provider, std::string_view model);

/// What image_rules.def has of the provider of this name.
void apply_image_rules(Provider& provider);

}  // namespace abstractllm
