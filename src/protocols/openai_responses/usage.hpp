// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "abstractllm/usage.hpp"
#include "base/json_element.hpp"

namespace abstractllm::openai_responses {

/// The counts of a `usage` object. What is not there, or negative, stays unknown.
Usage read_usage(JsonElement usage);

}  // namespace abstractllm::openai_responses
