// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hub/import/import_checkpoint.hpp"
#include "hub/import/model_class.hpp"

namespace abstractllm {

/// microsoft/Phi-4-multimodal-instruct: a Phi-3 with two LoRA adapters and encoders for pictures and speech.
inline constexpr std::string_view phi4mm_class = "Phi4MMForCausalLM";

/// Adds the adapters "vision" and "speech", and a warning for the encoders, which the engine does not have.
Result<void> add_phi4mm_parts(const ModelFolder& folder, const Json& config, const Checkpoint& checkpoint,
                              const ModelSizes& sizes, ImportedCheckpoint& imported);

}  // namespace abstractllm
