// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/embedding_plan.hpp"

#include <algorithm>

namespace abstractllm {
namespace {

/// The texts of a batch.
constexpr int most_texts = 64;
/// Each text needs room for a whole state then.
constexpr int most_texts_with_state = 4;

enum llama_pooling_type pooling_of(const ModelFacts& facts, const common_params& params) {
  if (params.pooling_type != LLAMA_POOLING_TYPE_UNSPECIFIED) return params.pooling_type;
  if (!facts.pooling || *facts.pooling > LLAMA_POOLING_TYPE_RANK) return LLAMA_POOLING_TYPE_NONE;
  return static_cast<enum llama_pooling_type>(*facts.pooling);
}

/// Whether the last part of a text is enough for its vector. Qwen3's rerankers judge by the last token.
bool goes_in_parts(const ModelFacts& facts, enum llama_pooling_type pooling) {
  if (facts.has_no_memory() || !facts.causal) return false;
  return pooling == LLAMA_POOLING_TYPE_LAST || pooling == LLAMA_POOLING_TYPE_MEAN ||
         (pooling == LLAMA_POOLING_TYPE_RANK && facts.architecture.starts_with("qwen3"));
}

/// The engine plans a batch with as many tokens of each text, and an assertion ends the process if that does not come
/// out even.
int round_up(std::int64_t tokens, int texts) { return static_cast<int>((tokens + texts - 1) / texts * texts); }

}  // namespace

Result<EmbeddingPlan> plan_embeddings(const ModelFacts& facts, common_params& params) {
  if (params.pooling_type == LLAMA_POOLING_TYPE_NONE)
    return Error{ErrorKind::invalid_argument,
                 "engine_args: '--pooling none' gives a vector for each token, and a text has one vector: give mean, "
                 "cls, last or rank"};
  EmbeddingPlan plan;
  auto pooling = pooling_of(facts, params);
  plan.pooling_is_a_guess = pooling == LLAMA_POOLING_TYPE_NONE;
  if (plan.pooling_is_a_guess) pooling = LLAMA_POOLING_TYPE_MEAN;
  plan.needs_whole_texts = !goes_in_parts(facts, pooling);
  plan.averages = !plan.needs_whole_texts && pooling == LLAMA_POOLING_TYPE_MEAN;
  constexpr std::uint32_t most_tokens = 1U << 24U;
  const std::int64_t trained = std::min(facts.context_length.value_or(embedding_batch_tokens), most_tokens);
  plan.longest_text = params.n_ctx > 0 ? std::min<std::int64_t>(params.n_ctx, trained) : trained;

  params.embedding = true;
  params.pooling_type = plan.averages ? LLAMA_POOLING_TYPE_NONE : pooling;
  params.n_parallel = facts.has_state ? most_texts_with_state : most_texts;
  params.n_ctx = round_up(std::max(plan.longest_text, embedding_batch_tokens), params.n_parallel);
  params.n_batch = plan.needs_whole_texts ? params.n_ctx : static_cast<int>(embedding_batch_tokens);
  params.n_ubatch = params.n_batch;
  params.kv_unified = true;
  params.cache_ram_mib = 0;
  params.n_ctx_checkpoints = 0;
  params.mmproj.path.clear();
  params.speculative = {};
  return plan;
}

}  // namespace abstractllm
