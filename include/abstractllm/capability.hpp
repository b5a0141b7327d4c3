// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

namespace abstractllm {

/// What a model can do; unset: not known. A model of which nothing is known counts as able.
struct Capabilities {
  std::optional<bool> vision;  ///< takes pictures
  bool operator==(const Capabilities&) const = default;
};

}  // namespace abstractllm
