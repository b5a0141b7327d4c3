// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hub/import/import_checkpoint.hpp"
#include "hub/import/model_class.hpp"

namespace abstractllm {

/// Adds what a model has besides its text model: the projector of one that sees, the adapters of one that applies them
/// to some kinds of content. `sizes` are those of the text model, `tower` what take_vision_tensors() took from the
/// checkpoint. What the engine cannot run becomes a warning.
Result<void> add_parts(const ModelClass& model, const ModelFolder& folder, const Json& config,
                       const Checkpoint& checkpoint, const Checkpoint& tower, const ModelSizes& sizes,
                       ImportedCheckpoint& imported);

}  // namespace abstractllm
