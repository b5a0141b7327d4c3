// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "abstractllm/capability.hpp"
#include "abstractllm/result.hpp"

namespace abstractllm {

/// Checks the numbers in a GGUF file with which the engine would end the process and not fail properly. Reads only the
/// metadata. If they cannot be read, the engine decides. Errors: engine_failed.
Result<void> check_model_metadata(const std::string& path);

/// What a projector file says that a model can do with it: see, hear, or both. Both are unknown if the file cannot be
/// read or says neither: then the engine decides. Reads only the metadata.
Capabilities projector_capabilities(const std::string& path);

}  // namespace abstractllm
