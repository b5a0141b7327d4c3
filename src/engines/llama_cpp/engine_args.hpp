// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "abstractllm/result.hpp"

struct common_params;

namespace abstractllm {

/// Applies arguments of the engine's own command line (in llama-server's spelling) to `params`. It reads no environment
/// variable and no configuration file, prints nothing, and never ends the process. Errors: invalid_argument, with the
/// argument in the message, if it is unknown, its value is missing or wrong, or it makes no sense in a library (it
/// prints, serves, downloads, or is one of our own options).
Result<void> apply_engine_args(const std::vector<std::string>& arguments, common_params& params);

}  // namespace abstractllm
