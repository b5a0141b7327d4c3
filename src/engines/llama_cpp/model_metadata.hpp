// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "abstractllm/result.hpp"

namespace abstractllm {

/// Whether the numbers in a GGUF file are ones with which the engine fails properly: with others it ends the process.
/// Reads the metadata alone. A file whose metadata cannot be read is left to the engine. Errors: engine_failed.
Result<void> check_model_metadata(const std::string& path);

}  // namespace abstractllm
