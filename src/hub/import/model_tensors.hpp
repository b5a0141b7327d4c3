// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hub/import/architecture.hpp"
#include "hub/import/checkpoint.hpp"

namespace abstractllm {

/// Adds the checkpoint's tensors under their GGUF names. Each stored tensor must be one of the table's with the shape
/// that config.json gives it, and none may be missing. Errors: engine_failed, unsupported (a type of values that is not
/// imported), both with the tensor's name.
Result<void> add_tensors(const Architecture& architecture, const Checkpoint& checkpoint, ImportDraft& draft);

}  // namespace abstractllm
