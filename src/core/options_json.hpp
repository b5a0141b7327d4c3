// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "abstractllm/options.hpp"

namespace abstractllm {

/// Whether the texts that a user wrote (system prompt, stop strings, extra body) stand in the JSON.
enum class OptionTexts { included, left_out };

/// The options that are set, as one JSON object in the table's order; durations in seconds, header values masked.
std::string options_to_json(const Options& options, OptionTexts texts);

}  // namespace abstractllm
