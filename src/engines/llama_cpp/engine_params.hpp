// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "abstractllm/result.hpp"
#include "common.h"
#include "engines/llama_cpp/model_settings.hpp"

namespace abstractllm {

/// The parameters for the engine. Backends must have been started. Errors: invalid_argument (engine_args),
/// not_configured (a device that does not exist).
Result<common_params> engine_params(const ModelSettings& settings);

/// The context in tokens that a model gets for the requested size `asked`. 0 means the size that it was trained with.
std::int64_t usable_context_size(std::int64_t asked);

}  // namespace abstractllm
