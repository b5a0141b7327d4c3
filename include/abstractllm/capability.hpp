// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

namespace abstractllm {

/// The capabilities of a model. An unset field means that the capability is unknown. It is then assumed that the model
/// has it.
struct Capabilities {
  std::optional<bool> vision;   ///< accepts images
  std::optional<bool> hearing;  ///< accepts audio
  bool operator==(const Capabilities&) const = default;
};

}  // namespace abstractllm
