// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "hub/import/vision_model.hpp"

namespace abstractllm {

/// What a config.json is the configuration of.
struct ModelClass {
  std::string name;                      ///< of the text model: "LlamaForCausalLM"
  const VisionModel* vision = nullptr;   ///< if the whole model sees
  Architecture architecture;             ///< of the text model
  std::vector<SettingDefault> defaults;  ///< what architecture.defaults points to, if it is not constant
  Json settings;                         ///< of the text model, with what only the whole one says
};

/// Errors: unsupported (an architecture that is not imported, with those that are; weights that are already quantised).
Result<ModelClass> class_of(const Json& config);

}  // namespace abstractllm
