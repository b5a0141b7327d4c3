// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "abstractllm/usage.hpp"
#include "base/json_element.hpp"

namespace abstractllm::openai_responses {

/// Reads the counts of a `usage` object. A missing or negative count stays unknown.
Usage read_usage(JsonElement usage);

}  // namespace abstractllm::openai_responses
