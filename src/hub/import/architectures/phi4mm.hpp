// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hub/import/import_checkpoint.hpp"
#include "hub/import/model_class.hpp"

namespace abstractllm {

/// Whether a class is that of microsoft/Phi-4-multimodal-instruct, in its own form or in that of transformers: a Phi-3
/// with two LoRA adapters and encoders for pictures and speech.
bool is_phi4mm(std::string_view class_name);

/// Adds the adapters "vision" and "speech", and a warning for the encoders, which the engine does not have. The
/// adapters are among the weights, or in the folders vision-lora and speech-lora as PEFT saves them.
Result<void> add_phi4mm_parts(const ModelFolder& folder, const Json& config, const Checkpoint& checkpoint,
                              const ModelSizes& sizes, ImportedCheckpoint& imported);

}  // namespace abstractllm
