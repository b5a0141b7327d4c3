// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "hub/import/architecture.hpp"

namespace abstractllm {

/// What config.json says about the kind of a model.
struct ModelClass {
  const Architecture* architecture;
  std::string name;  ///< "LlamaForCausalLM"
  Json settings;     ///< those of the text part, and what only the whole has
};

/// Errors: unsupported (another architecture, with its name and those that are imported; weights that are quantised).
Result<ModelClass> class_of(const Json& config);

}  // namespace abstractllm
