// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

namespace abstractllm {

/// What a model can do. An unset field means "unknown". An unknown model is assumed to be able.
struct Capabilities {
  std::optional<bool> vision;  ///< accepts images
  bool operator==(const Capabilities&) const = default;
};

}  // namespace abstractllm
