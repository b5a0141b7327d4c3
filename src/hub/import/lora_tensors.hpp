// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "hub/import/architecture.hpp"
#include "hub/import/checkpoint.hpp"

namespace abstractllm {

/// What an adapter is for.
struct AdapterBase {
  Architecture architecture;
  ModelSizes sizes;
  bool tied = false;  ///< the output matrix is that of the embeddings
};

/// One pair of LoRA matrices in a checkpoint.
struct LoraPair {
  std::string module;  ///< of the base model: "model.layers.0.mlp.up_proj"
  const CheckpointTensor* a = nullptr;
  const CheckpointTensor* b = nullptr;
  bool is_embedding = false;
};

/// The tensor names of a format, without the module: ".lora_A.weight".
struct LoraNames {
  std::string_view prefix;  ///< before the module
  std::string_view a;
  std::string_view b;
  std::string_view embedding_a;
  std::string_view embedding_b;
};

/// Sorts the tensors into pairs, in the order of the file. Errors: unsupported (a tensor that is no part of a LoRA),
/// engine_failed (half a pair).
Result<std::vector<LoraPair>> lora_pairs(const Checkpoint& checkpoint, const LoraNames& names);

/// The alpha of a module and its rank.
using AlphaOf = std::function<double(std::string_view module, std::int64_t rank)>;

/// Adds the pairs under their GGUF names, as the engine reads them: the base model's changes of the order of rows act
/// on B. Adds "adapter.lora.alpha". A pair whose alpha is another one than the first pair's gets it into B. Errors:
/// unsupported (a module that the engine cannot adapt), engine_failed (shapes that do not fit the base model), with the
/// tensor's name.
Result<void> add_lora(const AdapterBase& base, const std::vector<LoraPair>& pairs, const AlphaOf& alpha_of,
                      GgufModel& model);

}  // namespace abstractllm
