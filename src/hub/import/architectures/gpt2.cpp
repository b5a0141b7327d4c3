// SPDX-License-Identifier: Apache-2.0
// GPT-2. Sources, read 2026-11: conversion/gpt2.py, gguf-py/gguf/tensor_mapping.py and src/models/gpt2.cpp of llama.cpp
// v0.5.0; configuration_gpt2.py of transformers 5.24.
#include "hub/import/architectures/architectures.hpp"

namespace abstractllm::gpt2_import {
namespace {

constexpr std::string_view classes[] = {"GPT2LMHeadModel"};

constexpr SettingDefault defaults[] = {
    {"layer_norm_epsilon", 1e-5}, {"max_position_embeddings", 1024}, {"tie_word_embeddings", true}};

constexpr SettingAlias aliases[] = {
    {"hidden_size", "n_embd"},         {"num_hidden_layers", "n_layer"},
    {"num_attention_heads", "n_head"}, {"max_position_embeddings", "n_positions"},
    {"intermediate_size", "n_inner"},
};

constexpr FixedSetting fixed[] = {
    {"activation_function", {"\"gelu_new\"", "\"gelu_pytorch_tanh\""}},
    {"scale_attn_weights", {"true"}},
    {"scale_attn_by_inverse_layer_idx", {"false"}},
    {"add_cross_attention", {"false"}},
};

constexpr Rename prefixes[] = {{"transformer.", ""}};
constexpr std::string_view skipped[] = {"*.attn.bias", "*.attn.masked_bias"};

using enum Size;
using enum Transform;

constexpr TensorRow tensors[] = {
    {"wte.weight", "token_embd.weight", {vocabulary, embedding}},
    {"wpe.weight", "position_embd.weight", {positions, embedding}, Transform::keep, Presence::required, {}, true},
    {"h.{}.ln_1.weight", "blk.{}.attn_norm.weight", {embedding}},
    {"h.{}.ln_1.bias", "blk.{}.attn_norm.bias", {embedding}},
    {"h.{}.attn.c_attn.weight", "blk.{}.attn_qkv.weight", {embedding, query_key_value_rows}, transpose},
    {"h.{}.attn.c_attn.bias", "blk.{}.attn_qkv.bias", {query_key_value_rows}},
    {"h.{}.attn.c_proj.weight", "blk.{}.attn_output.weight", {embedding, embedding}, transpose},
    {"h.{}.attn.c_proj.bias", "blk.{}.attn_output.bias", {embedding}},
    {"h.{}.ln_2.weight", "blk.{}.ffn_norm.weight", {embedding}},
    {"h.{}.ln_2.bias", "blk.{}.ffn_norm.bias", {embedding}},
    {"h.{}.mlp.c_fc.weight", "blk.{}.ffn_up.weight", {embedding, feed_forward}, transpose},
    {"h.{}.mlp.c_fc.bias", "blk.{}.ffn_up.bias", {feed_forward}},
    {"h.{}.mlp.c_proj.weight", "blk.{}.ffn_down.weight", {feed_forward, embedding}, transpose},
    {"h.{}.mlp.c_proj.bias", "blk.{}.ffn_down.bias", {embedding}},
    {"ln_f.weight", "output_norm.weight", {embedding}},
    {"ln_f.bias", "output_norm.bias", {embedding}},
    {"lm_head.weight", "output.weight", {vocabulary, embedding}, Transform::keep, Presence::untied},
};

constexpr KeyRow keys[] = {number_key("attention.layer_norm_epsilon", "layer_norm_epsilon")};

}  // namespace

const Architecture gpt2 = {
    .name = "gpt2",
    .classes = classes,
    .defaults = defaults,
    .aliases = aliases,
    .fixed = fixed,
    .prefixes = prefixes,
    .suffixes = {},
    .skipped = skipped,
    .tensors = tensors,
    .keys = keys,
    .has_key_heads = false,
    .feed_forward_factor = 4,
    .square_heads = true,
};

}  // namespace abstractllm::gpt2_import
