// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "abstractllm/result.hpp"
#include "common.h"
#include "engines/llama_cpp/model_metadata.hpp"

namespace abstractllm {

/// The tokens of a batch of texts. More does not make it faster, and delays a stop and the next call.
inline constexpr std::int64_t embedding_batch_tokens = 512;

/// How a model makes vectors of texts.
struct EmbeddingPlan {
  /// The engine needs a whole text in one batch. Otherwise a long text goes through in parts.
  bool needs_whole_texts = true;
  /// We average the vectors of the tokens ourselves, because the engine can do it only within one batch.
  bool averages = false;
  /// The model's file does not say how it makes one vector of those of its tokens, so it was not made for this.
  bool pooling_is_a_guess = false;
  std::int64_t longest_text = 0;  ///< tokens
};

/// Decides how to make embeddings with a model, and sets what the engine must know in `params`, whose n_ctx is the
/// requested context (0: as the model was trained) and whose pooling_type is one that the caller has asked for. Errors:
/// invalid_argument (pooling none).
Result<EmbeddingPlan> plan_embeddings(const ModelFacts& facts, common_params& params);

}  // namespace abstractllm
