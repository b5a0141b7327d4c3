// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "abstractllm/result.hpp"

struct common_params;

namespace abstractllm {

/// Applies arguments of the engine's own command line (as llama-server spells them) to `params`. No environment
/// variable or configuration file is read, nothing is printed, the process never ends. Errors: invalid_argument naming
/// the argument: an unknown one, a value that is missing or wrong, or one that makes no sense in a library (it prints,
/// serves, downloads, or is one of our own options).
Result<void> apply_engine_args(const std::vector<std::string>& arguments, common_params& params);

}  // namespace abstractllm
