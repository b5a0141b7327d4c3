// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "abstractllm/result.hpp"

namespace abstractllm {

/// Checks the numbers in a GGUF file with which the engine would end the process and not fail properly. Reads only the
/// metadata. If they cannot be read, the engine decides. Errors: engine_failed.
Result<void> check_model_metadata(const std::string& path);

}  // namespace abstractllm
