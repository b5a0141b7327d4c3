// SPDX-License-Identifier: Apache-2.0
// Llama 2 and 3 (SmolLM, TinyLlama), Mistral, and Mixtral. Sources, read 2026-11: conversion/llama.py, gguf-py/gguf/
// tensor_mapping.py and src/models/llama.cpp of llama.cpp v0.5.0; configuration_llama.py, configuration_mistral.py and
// configuration_mixtral.py of transformers 5.24 for the defaults.
#include "hub/import/architectures/architectures.hpp"
#include "hub/import/rope.hpp"

namespace abstractllm::llama_import {
namespace {

constexpr std::string_view classes[] = {"LLaMAForCausalLM", "LlamaForCausalLM", "LlamaModel", "MistralForCausalLM",
                                        "MistralModel"};
constexpr std::string_view mixtral_classes[] = {"MixtralForCausalLM"};

constexpr SettingDefault defaults[] = {
    {"rope_theta", 10'000},         {"rms_norm_eps", 1e-6},    {"max_position_embeddings", 2048},
    {"tie_word_embeddings", false}, {"attention_bias", false}, {"mlp_bias", false},
};

constexpr SettingDefault mixtral_defaults[] = {
    {"rope_theta", 1'000'000},      {"rms_norm_eps", 1e-5},     {"max_position_embeddings", 131'072},
    {"tie_word_embeddings", false}, {"num_key_value_heads", 8}, {"num_local_experts", 8},
    {"num_experts_per_tok", 2},
};

constexpr FixedSetting fixed[] = {{"hidden_act", {"\"silu\""}}, {"pretraining_tp", {"1", "2", "4"}}};

// Some embedding models store the tensors of the inner model, without "model.".
constexpr Rename prefixes[] = {
    {"layers.", "model.layers."}, {"embed_tokens.", "model.embed_tokens."}, {"norm.", "model.norm."}};
constexpr std::string_view skipped[] = {"*.rotary_emb.inv_freq", "*.attention.bias", "*.attention.masked_bias"};

using enum Size;
using enum Transform;
using enum Presence;

constexpr TensorRow tensors[] = {
    {"model.embed_tokens.weight", "token_embd.weight", {vocabulary, embedding}},
    {"model.layers.{}.input_layernorm.weight", "blk.{}.attn_norm.weight", {embedding}},
    {"model.layers.{}.self_attn.q_proj.weight", "blk.{}.attn_q.weight", {query_rows, embedding}, interleave_query},
    {"model.layers.{}.self_attn.k_proj.weight", "blk.{}.attn_k.weight", {key_rows, embedding}, interleave_key},
    {"model.layers.{}.self_attn.v_proj.weight", "blk.{}.attn_v.weight", {key_rows, embedding}},
    {"model.layers.{}.self_attn.o_proj.weight", "blk.{}.attn_output.weight", {embedding, query_rows}},
    {"model.layers.{}.self_attn.q_proj.bias",
     "blk.{}.attn_q.bias",
     {query_rows},
     interleave_query,
     setting,
     "attention_bias"},
    {"model.layers.{}.self_attn.k_proj.bias",
     "blk.{}.attn_k.bias",
     {key_rows},
     interleave_key,
     setting,
     "attention_bias"},
    {"model.layers.{}.self_attn.v_proj.bias",
     "blk.{}.attn_v.bias",
     {key_rows},
     Transform::keep,
     setting,
     "attention_bias"},
    {"model.layers.{}.self_attn.o_proj.bias",
     "blk.{}.attn_output.bias",
     {embedding},
     Transform::keep,
     setting,
     "attention_bias"},
    {"model.layers.{}.post_attention_layernorm.weight", "blk.{}.ffn_norm.weight", {embedding}},
    {"model.layers.{}.mlp.gate_proj.weight", "blk.{}.ffn_gate.weight", {feed_forward, embedding}},
    {"model.layers.{}.mlp.up_proj.weight", "blk.{}.ffn_up.weight", {feed_forward, embedding}},
    {"model.layers.{}.mlp.down_proj.weight", "blk.{}.ffn_down.weight", {embedding, feed_forward}},
    {"model.layers.{}.mlp.gate_proj.bias",
     "blk.{}.ffn_gate.bias",
     {feed_forward},
     Transform::keep,
     setting,
     "mlp_bias"},
    {"model.layers.{}.mlp.up_proj.bias", "blk.{}.ffn_up.bias", {feed_forward}, Transform::keep, setting, "mlp_bias"},
    {"model.layers.{}.mlp.down_proj.bias", "blk.{}.ffn_down.bias", {embedding}, Transform::keep, setting, "mlp_bias"},
    {"model.norm.weight", "output_norm.weight", {embedding}},
    {"lm_head.weight", "output.weight", {vocabulary, embedding}, Transform::keep, untied},
};

// Experts are stored one by one, or stacked as transformers 5 holds them in memory.
constexpr TensorRow mixtral_tensors[] = {
    {"model.embed_tokens.weight", "token_embd.weight", {vocabulary, embedding}},
    {"model.layers.{}.input_layernorm.weight", "blk.{}.attn_norm.weight", {embedding}},
    {"model.layers.{}.self_attn.q_proj.weight", "blk.{}.attn_q.weight", {query_rows, embedding}, interleave_query},
    {"model.layers.{}.self_attn.k_proj.weight", "blk.{}.attn_k.weight", {key_rows, embedding}, interleave_key},
    {"model.layers.{}.self_attn.v_proj.weight", "blk.{}.attn_v.weight", {key_rows, embedding}},
    {"model.layers.{}.self_attn.o_proj.weight", "blk.{}.attn_output.weight", {embedding, query_rows}},
    {"model.layers.{}.post_attention_layernorm.weight", "blk.{}.ffn_norm.weight", {embedding}},
    {"model.layers.{}.block_sparse_moe.gate.weight",
     "blk.{}.ffn_gate_inp.weight",
     {experts, embedding},
     Transform::keep,
     required,
     {},
     true},
    {"model.layers.{}.mlp.gate.weight",
     "blk.{}.ffn_gate_inp.weight",
     {experts, embedding},
     Transform::keep,
     required,
     {},
     true},
    {"model.layers.{}.block_sparse_moe.experts.{x}.w1.weight",
     "blk.{}.ffn_gate_exps.weight",
     {feed_forward, embedding},
     stack_experts},
    {"model.layers.{}.mlp.experts.gate_up_proj",
     "blk.{}.ffn_gate_exps.weight",
     {experts, feed_forward_2, embedding},
     first_half_rows},
    {"model.layers.{}.block_sparse_moe.experts.{x}.w2.weight",
     "blk.{}.ffn_down_exps.weight",
     {embedding, feed_forward},
     stack_experts},
    {"model.layers.{}.mlp.experts.down_proj", "blk.{}.ffn_down_exps.weight", {experts, embedding, feed_forward}},
    {"model.layers.{}.block_sparse_moe.experts.{x}.w3.weight",
     "blk.{}.ffn_up_exps.weight",
     {feed_forward, embedding},
     stack_experts},
    {"model.layers.{}.mlp.experts.gate_up_proj",
     "blk.{}.ffn_up_exps.weight",
     {experts, feed_forward_2, embedding},
     second_half_rows},
    {"model.norm.weight", "output_norm.weight", {embedding}},
    {"lm_head.weight", "output.weight", {vocabulary, embedding}, Transform::keep, untied},
};

constexpr KeyRow keys[] = {
    number_key("attention.layer_norm_rms_epsilon", "rms_norm_eps"),
    size_key("attention.key_length", head),
    size_key("attention.value_length", head),
    size_key("vocab_size", vocabulary),
    size_key("rope.dimension_count", head),
};

constexpr KeyRow mixtral_keys[] = {
    number_key("attention.layer_norm_rms_epsilon", "rms_norm_eps"),
    size_key("vocab_size", vocabulary),
    size_key("rope.dimension_count", head),
    size_key("expert_count", experts),
    integer_key("expert_used_count", "num_experts_per_tok"),
};

void adjust(ImportDraft& draft) {
  // Of the two configurations, only Mistral's assumes fewer heads for keys than for queries, and a longer context.
  if (!draft.class_name.starts_with("Mistral")) return;
  if (!draft.config.has("max_position_embeddings")) draft.sizes[positions] = draft.sizes[context] = 4096 * 32;
  if (!draft.config.has("num_key_value_heads"))
    draft.config.refuse(ErrorKind::engine_failed, "lacks 'num_key_value_heads'");
}

void extend(ImportDraft& draft) {
  add_rope(draft, {.llama3 = true});
  warn_sliding_window(draft);
}

void extend_mixtral(ImportDraft& draft) {
  for (const char* key : {"attention.key_length", "attention.value_length"})
    if (draft.config.has("head_dim")) draft.add(key, static_cast<std::uint32_t>(draft.sizes[head]));
  extend(draft);
}

}  // namespace

const Architecture llama = {
    .name = "llama",
    .classes = classes,
    .defaults = defaults,
    .aliases = {},
    .fixed = fixed,
    .prefixes = prefixes,
    .suffixes = {},
    .skipped = skipped,
    .tensors = tensors,
    .keys = keys,
    .adjust_sizes = adjust,
    .extend = extend,
};

const Architecture mixtral = {
    .name = "llama",
    .classes = mixtral_classes,
    .defaults = mixtral_defaults,
    .aliases = {},
    .fixed = fixed,
    .prefixes = prefixes,
    .suffixes = {},
    .skipped = skipped,
    .tensors = mixtral_tensors,
    .keys = mixtral_keys,
    .extend = extend_mixtral,
};

}  // namespace abstractllm::llama_import
