// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hub/import/architecture.hpp"
#include "hub/import/checkpoint.hpp"

namespace abstractllm {

/// How the pictures of a model become vectors of its text model.
enum class ProjectorForm {
  none,      ///< the importer does not know it
  llava,     ///< CLIP or SigLIP, two linear layers
  gemma3,    ///< SigLIP, averaged, normalised, one matrix
  idefics3,  ///< SigLIP, neighbours joined, one matrix
};

/// A class of models that see: a text model that the importer also has alone, and a vision tower with a projector.
struct VisionModel {
  std::string_view class_name;
  ProjectorForm form;
};

/// The row of a class of config.json, or null if it is no such class.
const VisionModel* find_vision_model(std::string_view class_name);

/// The classes of all rows.
std::vector<std::string> vision_model_classes();

/// The text model of a model that sees: which class it would have alone, and an Architecture that knows its tensors
/// under their longer names and the defaults of its configuration.
struct TextPart {
  std::string_view class_name;
  Architecture architecture;
  std::vector<SettingDefault> defaults;  ///< what architecture.defaults points to
};

/// How the names of a text model begin within a model that sees, and how when it is alone.
std::span<const Rename> text_names_of_vision_models();

/// Errors: unsupported (a text model that the importer does not have), engine_failed (no text_config).
Result<TextPart> text_part(const Json& config);

/// The tensors of the vision tower and of the projector leave `checkpoint`. They keep their order and get uniform
/// names: "vision.encoder.layers.0.layer_norm1.weight", "projector.linear_1.weight".
Checkpoint take_vision_tensors(Checkpoint& checkpoint);

}  // namespace abstractllm
