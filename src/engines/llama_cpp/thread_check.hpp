// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "abstractllm/result.hpp"

namespace abstractllm {

/// Starts `count` threads at once and joins them. OpenMP ends the process if it cannot get a thread, so this is checked
/// before the engine computes. Another program may still take the threads in between. Errors: engine_failed.
Result<void> check_threads(int count);

}  // namespace abstractllm
