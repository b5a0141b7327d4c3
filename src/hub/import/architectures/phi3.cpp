// SPDX-License-Identifier: Apache-2.0
// Phi-3 and Phi-4-mini. Sources, read 2026-11: conversion/phi.py (Phi3MiniModel), gguf-py/gguf/tensor_mapping.py and
// src/models/phi3.cpp of llama.cpp v0.5.0; configuration_phi3.py and modeling_rope_utils.py of transformers 5.24.
#include <cmath>

#include "hub/import/architectures/architectures.hpp"
#include "hub/import/rope.hpp"

namespace abstractllm::phi3_import {
namespace {

constexpr std::string_view classes[] = {"Phi3ForCausalLM"};

constexpr SettingDefault defaults[] = {
    {"rope_theta", 10'000},
    {"rms_norm_eps", 1e-5},
    {"max_position_embeddings", 4096},
    {"original_max_position_embeddings", 4096},
    {"partial_rotary_factor", 1},
    {"tie_word_embeddings", false},
};

constexpr FixedSetting fixed[] = {
    {"hidden_act", {"\"silu\""}}, {"attention_bias", {"false"}}, {"mlp_bias", {"false"}}, {"lm_head_bias", {"false"}}};

constexpr std::string_view skipped[] = {"*.rotary_emb.inv_freq"};

using enum Size;

constexpr TensorRow tensors[] = {
    {"model.embed_tokens.weight", "token_embd.weight", {vocabulary, embedding}},
    {"model.layers.{}.input_layernorm.weight", "blk.{}.attn_norm.weight", {embedding}},
    {"model.layers.{}.self_attn.qkv_proj.weight", "blk.{}.attn_qkv.weight", {query_key_value_rows, embedding}},
    {"model.layers.{}.self_attn.o_proj.weight", "blk.{}.attn_output.weight", {embedding, query_rows}},
    {"model.layers.{}.post_attention_layernorm.weight", "blk.{}.ffn_norm.weight", {embedding}},
    {"model.layers.{}.mlp.gate_up_proj.weight", "blk.{}.ffn_up.weight", {feed_forward_2, embedding}},
    {"model.layers.{}.mlp.down_proj.weight", "blk.{}.ffn_down.weight", {embedding, feed_forward}},
    {"model.norm.weight", "output_norm.weight", {embedding}},
    {"lm_head.weight", "output.weight", {vocabulary, embedding}, Transform::keep, Presence::untied},
};

constexpr KeyRow keys[] = {number_key("attention.layer_norm_rms_epsilon", "rms_norm_eps")};

constexpr std::int64_t most_positions = std::int64_t{1} << 31;

std::vector<float> factors_of(ModelConfig& rope, const char* name, std::int64_t count) {
  std::vector<float> factors;
  const Json* stored = rope.find(name);
  if (stored == nullptr || !stored->is_array() || stored->size() != static_cast<std::size_t>(count)) {
    rope.refuse(ErrorKind::engine_failed,
                std::string("have no '") + name + "' with " + std::to_string(count) + " numbers");
    return factors;
  }
  for (const Json& each : *stored) {
    const double factor = each.is_number() ? each.get<double>() : 0;
    if (!(factor > 0 && factor < 1e30))
      rope.refuse(ErrorKind::engine_failed, std::string("have a wrong number in '") + name + "'");
    factors.push_back(static_cast<float>(factor));
  }
  return factors;
}

/// How much longer contexts sharpen the attention.
double attention_factor(ModelConfig& rope, const std::string& type, double scale, double original) {
  if (rope.has("attention_factor")) return rope.number("attention_factor");
  if (scale <= 1) return 1;
  if (type == "yarn") return 0.1 * std::log(scale) + 1;
  return std::sqrt(1 + std::log(scale) / std::log(original));
}

void add_long_factors(ImportDraft& draft, ModelConfig& rope, const std::string& type, std::int64_t rotated,
                      std::int64_t original) {
  for (const char* name : {"short_mscale", "long_mscale"})
    if (rope.has(name)) rope.refuse(ErrorKind::unsupported, std::string("have '") + name + "', which the engine lacks");
  std::vector<float> longs = factors_of(rope, "long_factor", rotated / 2);
  std::vector<float> shorts = factors_of(rope, "short_factor", rotated / 2);
  const double scale = static_cast<double>(draft.sizes[positions]) / static_cast<double>(original);
  const double factor = attention_factor(rope, type, scale, static_cast<double>(original));
  if (rope.error()) return;
  draft.add("rope.scaling.attn_factor", static_cast<float>(factor));
  draft.model.tensors.push_back(constant_tensor("rope_factors_long.weight", std::move(longs)));
  draft.model.tensors.push_back(constant_tensor("rope_factors_short.weight", std::move(shorts)));
}

void extend(ImportDraft& draft) {
  const Json& parameters = rope_parameters(draft);
  ModelConfig rope(parameters, draft.config.where() + ": rope parameters");
  // transformers prefers the value beside the rope parameters.
  ModelConfig& holder =
      draft.config.has("original_max_position_embeddings") || !rope.has("original_max_position_embeddings")
          ? draft.config
          : rope;
  const std::int64_t original = holder.integer("original_max_position_embeddings", 2, most_positions);
  const double part = rope.has("partial_rotary_factor") ? rope.number("partial_rotary_factor")
                                                        : draft.config.number("partial_rotary_factor");
  const double base = rope.has("rope_theta") ? rope.number("rope_theta") : draft.config.number("rope_theta");
  if (!(part > 0 && part <= 1 && base > 0))
    rope.refuse(ErrorKind::engine_failed, "have a wrong rope_theta or partial_rotary_factor");
  const auto rotated =
      static_cast<std::int64_t>(part * static_cast<double>(draft.sizes[embedding])) / draft.sizes[heads];
  if (rotated < 2 || rotated % 2 != 0) rope.refuse(ErrorKind::engine_failed, "rotate an odd part of each head");
  draft.add("rope.scaling.original_context_length", static_cast<std::uint32_t>(original));
  draft.add("rope.dimension_count", static_cast<std::uint32_t>(rotated));
  draft.add("rope.freq_base", static_cast<float>(base));
  const std::string type = rope_type(parameters);
  if (type == "longrope" || type == "su" || type == "yarn") add_long_factors(draft, rope, type, rotated, original);
  else if (type != "default") rope.refuse(ErrorKind::unsupported, "have the type '" + type + "', which Phi-3 has not");
  if (rope.error()) return draft.config.fail(*rope.error());
  // The engine takes 0 for none, and applies none.
  const bool has_window = draft.config.has("sliding_window");
  draft.add("attention.sliding_window",
            static_cast<std::uint32_t>(has_window ? draft.config.integer("sliding_window", 0, most_positions) : 0));
  warn_sliding_window(draft);
}

}  // namespace

const Architecture phi3 = {
    .name = "phi3",
    .classes = classes,
    .defaults = defaults,
    .aliases = {},
    .fixed = fixed,
    .prefixes = {},
    .suffixes = {},
    .skipped = skipped,
    .tensors = tensors,
    .keys = keys,
    .square_heads = true,
    .extend = extend,
};

}  // namespace abstractllm::phi3_import
