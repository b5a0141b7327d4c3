// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace abstractllm {

/// What the header of a GGUF model says about the shape of the model.
struct GgufDescription {
  std::string architecture;  ///< "llama"
  /// Whole numbers under keys of the architecture, without its name: "block_count". A list of equal numbers counts as
  /// one of them, other lists are left out.
  std::unordered_map<std::string, std::int64_t> numbers;
  std::unordered_map<std::string, std::vector<std::int64_t>> tensors;  ///< sizes by name, the length of a row first
};

}  // namespace abstractllm
