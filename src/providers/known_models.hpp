// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "abstractllm/provider.hpp"

namespace abstractllm {

/// Returns whether a hosted model accepts images, according to known_models.def. Returns nothing if that is not known.
std::optional<bool> known_vision(std::string_view provider, std::string_view model);

/// Returns whether a hosted model accepts audio, according to the same file.
std::optional<bool> known_hearing(std::string_view provider, std::string_view model);

/// Applies the entries of image_rules.def for the provider of this name.
void apply_image_rules(Provider& provider);

}  // namespace abstractllm
