// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "abstractllm/options.hpp"

namespace abstractllm {

/// Whether the JSON includes the texts that a user wrote (system prompt, stop strings, extra body).
enum class OptionTexts { included, left_out };

/// Returns the options that are set, as one JSON object in the table's order. Durations are in seconds, and header
/// values are masked.
std::string options_to_json(const Options& options, OptionTexts texts);

}  // namespace abstractllm
