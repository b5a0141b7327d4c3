// SPDX-License-Identifier: Apache-2.0
// Qwen 2, 2.5 and 3. Sources, read 2026-11: conversion/qwen.py, gguf-py/gguf/tensor_mapping.py, src/models/qwen2.cpp
// and src/models/qwen3.cpp of llama.cpp v0.5.0; configuration_qwen2.py and configuration_qwen3.py of transformers 5.24
// for the defaults.
#include "hub/import/architectures/architectures.hpp"
#include "hub/import/rope.hpp"

namespace abstractllm::qwen_import {
namespace {

constexpr std::string_view qwen2_classes[] = {"Qwen2ForCausalLM", "Qwen2Model"};
constexpr std::string_view qwen3_classes[] = {"Qwen3ForCausalLM", "Qwen3Model"};

constexpr SettingDefault qwen2_defaults[] = {
    {"rope_theta", 10'000},         {"rms_norm_eps", 1e-6},      {"max_position_embeddings", 32'768},
    {"tie_word_embeddings", false}, {"num_key_value_heads", 32}, {"use_sliding_window", false},
};
constexpr SettingDefault qwen3_defaults[] = {
    {"rope_theta", 10'000},
    {"rms_norm_eps", 1e-6},
    {"max_position_embeddings", 32'768},
    {"tie_word_embeddings", false},
    {"num_key_value_heads", 32},
    {"use_sliding_window", false},
    {"head_dim", 128},
    {"attention_bias", false},
};

constexpr FixedSetting qwen2_fixed[] = {{"hidden_act", {"\"silu\""}}};
// The engine has no bias after the attention of Qwen 3.
constexpr FixedSetting qwen3_fixed[] = {{"hidden_act", {"\"silu\""}}, {"attention_bias", {"false"}}};

// Embedding models store the tensors of the inner model, without "model.".
constexpr Rename prefixes[] = {
    {"layers.", "model.layers."}, {"embed_tokens.", "model.embed_tokens."}, {"norm.", "model.norm."}};
constexpr std::string_view skipped[] = {"*.rotary_emb.inv_freq"};

using enum Size;
using enum Presence;

constexpr TensorRow qwen2_tensors[] = {
    {"model.embed_tokens.weight", "token_embd.weight", {vocabulary, embedding}},
    {"model.layers.{}.input_layernorm.weight", "blk.{}.attn_norm.weight", {embedding}},
    {"model.layers.{}.self_attn.q_proj.weight", "blk.{}.attn_q.weight", {query_rows, embedding}},
    {"model.layers.{}.self_attn.k_proj.weight", "blk.{}.attn_k.weight", {key_rows, embedding}},
    {"model.layers.{}.self_attn.v_proj.weight", "blk.{}.attn_v.weight", {key_rows, embedding}},
    {"model.layers.{}.self_attn.q_proj.bias", "blk.{}.attn_q.bias", {query_rows}},
    {"model.layers.{}.self_attn.k_proj.bias", "blk.{}.attn_k.bias", {key_rows}},
    {"model.layers.{}.self_attn.v_proj.bias", "blk.{}.attn_v.bias", {key_rows}},
    {"model.layers.{}.self_attn.o_proj.weight", "blk.{}.attn_output.weight", {embedding, query_rows}},
    {"model.layers.{}.post_attention_layernorm.weight", "blk.{}.ffn_norm.weight", {embedding}},
    {"model.layers.{}.mlp.gate_proj.weight", "blk.{}.ffn_gate.weight", {feed_forward, embedding}},
    {"model.layers.{}.mlp.up_proj.weight", "blk.{}.ffn_up.weight", {feed_forward, embedding}},
    {"model.layers.{}.mlp.down_proj.weight", "blk.{}.ffn_down.weight", {embedding, feed_forward}},
    {"model.norm.weight", "output_norm.weight", {embedding}},
    {"lm_head.weight", "output.weight", {vocabulary, embedding}, Transform::keep, untied},
};

constexpr TensorRow qwen3_tensors[] = {
    {"model.embed_tokens.weight", "token_embd.weight", {vocabulary, embedding}},
    {"model.layers.{}.input_layernorm.weight", "blk.{}.attn_norm.weight", {embedding}},
    {"model.layers.{}.self_attn.q_proj.weight", "blk.{}.attn_q.weight", {query_rows, embedding}},
    {"model.layers.{}.self_attn.k_proj.weight", "blk.{}.attn_k.weight", {key_rows, embedding}},
    {"model.layers.{}.self_attn.v_proj.weight", "blk.{}.attn_v.weight", {key_rows, embedding}},
    {"model.layers.{}.self_attn.q_norm.weight", "blk.{}.attn_q_norm.weight", {head}},
    {"model.layers.{}.self_attn.k_norm.weight", "blk.{}.attn_k_norm.weight", {head}},
    {"model.layers.{}.self_attn.o_proj.weight", "blk.{}.attn_output.weight", {embedding, query_rows}},
    {"model.layers.{}.post_attention_layernorm.weight", "blk.{}.ffn_norm.weight", {embedding}},
    {"model.layers.{}.mlp.gate_proj.weight", "blk.{}.ffn_gate.weight", {feed_forward, embedding}},
    {"model.layers.{}.mlp.up_proj.weight", "blk.{}.ffn_up.weight", {feed_forward, embedding}},
    {"model.layers.{}.mlp.down_proj.weight", "blk.{}.ffn_down.weight", {embedding, feed_forward}},
    {"model.norm.weight", "output_norm.weight", {embedding}},
    {"lm_head.weight", "output.weight", {vocabulary, embedding}, Transform::keep, untied},
};

constexpr KeyRow qwen2_keys[] = {number_key("attention.layer_norm_rms_epsilon", "rms_norm_eps")};
constexpr KeyRow qwen3_keys[] = {number_key("attention.layer_norm_rms_epsilon", "rms_norm_eps"),
                                 size_key("attention.key_length", head), size_key("attention.value_length", head)};

void extend(ImportDraft& draft) {
  add_rope(draft, {});
  if (draft.config.flag("use_sliding_window")) warn_sliding_window(draft);
}

}  // namespace

const Architecture qwen2 = {
    .name = "qwen2",
    .classes = qwen2_classes,
    .defaults = qwen2_defaults,
    .aliases = {},
    .fixed = qwen2_fixed,
    .prefixes = prefixes,
    .suffixes = {},
    .skipped = skipped,
    .tensors = qwen2_tensors,
    .keys = qwen2_keys,
    .square_heads = true,
    .extend = extend,
};

const Architecture qwen3 = {
    .name = "qwen3",
    .classes = qwen3_classes,
    .defaults = qwen3_defaults,
    .aliases = {},
    .fixed = qwen3_fixed,
    .prefixes = prefixes,
    .suffixes = {},
    .skipped = skipped,
    .tensors = qwen3_tensors,
    .keys = qwen3_keys,
    .extend = extend,
};

}  // namespace abstractllm::qwen_import
