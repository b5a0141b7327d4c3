// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "abstractllm/result.hpp"
#include "base/json.hpp"

namespace abstractllm {

/// What adapter_config.json of PEFT says about the numbers of a LoRA adapter.
struct AdapterConfig {
  std::int64_t rank = 0;                               ///< 0: of each tensor its own (rank_pattern)
  double alpha = 0;                                    ///< not 0
  bool by_root = false;                                ///< use_rslora: the scale is alpha / √rank, else alpha / rank
  std::vector<std::pair<std::string, double>> alphas;  ///< alpha_pattern: ends of modules' names
  std::vector<std::uint32_t> invocation_tokens;        ///< of an activated LoRA: from where it counts

  /// The alpha that gives the scale of a module as alpha / rank. `module` is "model.layers.0.mlp.up_proj".
  double effective_alpha(std::string_view module, std::int64_t rank_of_module) const;
};

/// Errors: unsupported (a setting that changes the numbers and that the engine's adapter cannot hold), engine_failed (a
/// wrong value).
Result<AdapterConfig> read_adapter_config(const Json& config);

}  // namespace abstractllm
