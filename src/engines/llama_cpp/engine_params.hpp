// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "abstractllm/result.hpp"
#include "common.h"
#include "engines/llama_cpp/engine_settings.hpp"

namespace abstractllm {

/// What the engine is started with. Backends must have been started. Errors: invalid_argument (engine_args),
/// not_configured (a device that is not there).
Result<common_params> engine_params(const EngineSettings& settings);

/// The context, in tokens, that a model gets where `asked` was asked for; 0: what it was trained with.
std::int64_t usable_context_size(std::int64_t asked);

}  // namespace abstractllm
