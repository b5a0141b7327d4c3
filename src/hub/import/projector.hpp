// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "hub/import/vision_model.hpp"

namespace abstractllm {

/// Reads the vision tower and the projector of a model that sees, as the engine's mmproj: `config` is its config.json,
/// `tower` what take_vision_tensors() gave, `text_width` the hidden_size of the text model. Nothing if the engine
/// cannot run it: then a warning says what it lacks. Errors: those of add_tensors().
Result<std::optional<GgufModel>> import_projector(const VisionModel& model, const ModelFolder& folder,
                                                  const Json& config, const Checkpoint& tower, std::int64_t text_width,
                                                  std::vector<Warning>& warnings);

}  // namespace abstractllm
