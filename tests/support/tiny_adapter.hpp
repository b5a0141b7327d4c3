// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "support/tiny_model.hpp"

namespace abstractllm::testing_support {

/// What a fabricated LoRA adapter is like. It fits the tiny model.
struct TinyAdapter {
  std::string general_type = "adapter";
  std::string adapter_type = "lora";
  std::string architecture = "llama";
  std::string tensor = "blk.1.ffn_down.weight";  ///< the weights that it changes
  std::int64_t columns = 128;                    ///< of those weights
  std::int64_t rows = tiny_model_width;          ///< of those weights
  std::int64_t rank_of_a = 4;
  std::int64_t rank_of_b = 4;
  bool has_b = true;
  bool broken = false;        ///< with weights that are no numbers
  bool is_activated = false;  ///< applies only after certain words
  std::uint32_t seed = 1;     ///< of its random weights
};

/// Writes an adapter that changes what the tiny model says. Throws std::runtime_error when the file cannot be written.
void write_tiny_adapter(const std::filesystem::path& file, const TinyAdapter& adapter = {});

}  // namespace abstractllm::testing_support
