// SPDX-License-Identifier: Apache-2.0
// Gemma, Gemma 2, and the text part of Gemma 3. Sources, read 2026-11: conversion/gemma.py, gguf-py/gguf/
// tensor_mapping.py and src/models/gemma*.cpp of llama.cpp v0.5.0; configuration_gemma*.py of transformers 5.24.
#include <algorithm>

#include "hub/import/architectures/architectures.hpp"
#include "hub/import/rope.hpp"

namespace abstractllm::gemma_import {
namespace {

constexpr std::string_view gemma_classes[] = {"GemmaForCausalLM"};
constexpr std::string_view gemma2_classes[] = {"Gemma2ForCausalLM"};
constexpr std::string_view gemma3_classes[] = {"Gemma3ForCausalLM", "Gemma3ForConditionalGeneration"};

constexpr SettingDefault gemma_defaults[] = {
    {"rope_theta", 10'000},        {"rms_norm_eps", 1e-6}, {"max_position_embeddings", 8192},
    {"tie_word_embeddings", true}, {"head_dim", 256},
};
constexpr SettingDefault gemma2_defaults[] = {
    {"rope_theta", 10'000},
    {"rms_norm_eps", 1e-6},
    {"max_position_embeddings", 8192},
    {"tie_word_embeddings", true},
    {"head_dim", 256},
    {"sliding_window", 4096},
    {"query_pre_attn_scalar", 256},
    {"final_logit_softcapping", 30},
    {"attn_logit_softcapping", 50},
};
// Configurations of Gemma 3 on the hub leave out what is as in the class.
constexpr SettingDefault gemma3_defaults[] = {
    {"vocab_size", 262'208},       {"hidden_size", 2304},
    {"intermediate_size", 9216},   {"num_hidden_layers", 26},
    {"num_attention_heads", 8},    {"num_key_value_heads", 4},
    {"rms_norm_eps", 1e-6},        {"max_position_embeddings", 131'072},
    {"tie_word_embeddings", true}, {"head_dim", 256},
    {"sliding_window", 4096},      {"query_pre_attn_scalar", 256},
    {"rope_theta", 1'000'000},     {"rope_local_base_freq", 10'000},
    {"sliding_window_pattern", 6},
};

// transformers computes gelu of the first Gemma by the approximation with tanh, whatever hidden_act says.
constexpr FixedSetting gemma_fixed[] = {
    {"hidden_act", {"\"gelu_pytorch_tanh\"", "\"gelu\""}},
    {"hidden_activation", {"\"gelu_pytorch_tanh\""}},
    {"attention_bias", {"false"}},
    {"tie_word_embeddings", {"true"}},
    {"use_bidirectional_attention", {"false"}},
};
constexpr FixedSetting gemma3_fixed[] = {
    {"hidden_activation", {"\"gelu_pytorch_tanh\""}},
    {"attention_bias", {"false"}},
    {"use_bidirectional_attention", {"false"}},
    {"attn_logit_softcapping", {"0"}},
};

constexpr Rename gemma3_prefixes[] = {
    {"model.language_model.", "model."}, {"language_model.model.", "model."}, {"language_model.lm_head.", "lm_head."}};
constexpr std::string_view skipped[] = {"*.rotary_emb.inv_freq", "lm_head.weight"};
constexpr std::string_view gemma3_skipped[] = {"*.rotary_emb.inv_freq", "vision_tower.*", "model.vision_tower.*",
                                               "multi_modal_projector.*", "model.multi_modal_projector.*"};

using enum Size;
using enum Transform;

constexpr TensorRow gemma_tensors[] = {
    {"model.embed_tokens.weight", "token_embd.weight", {vocabulary, embedding}},
    {"model.layers.{}.input_layernorm.weight", "blk.{}.attn_norm.weight", {embedding}, plus_one},
    {"model.layers.{}.self_attn.q_proj.weight", "blk.{}.attn_q.weight", {query_rows, embedding}},
    {"model.layers.{}.self_attn.k_proj.weight", "blk.{}.attn_k.weight", {key_rows, embedding}},
    {"model.layers.{}.self_attn.v_proj.weight", "blk.{}.attn_v.weight", {key_rows, embedding}},
    {"model.layers.{}.self_attn.o_proj.weight", "blk.{}.attn_output.weight", {embedding, query_rows}},
    {"model.layers.{}.post_attention_layernorm.weight", "blk.{}.ffn_norm.weight", {embedding}, plus_one},
    {"model.layers.{}.mlp.gate_proj.weight", "blk.{}.ffn_gate.weight", {feed_forward, embedding}},
    {"model.layers.{}.mlp.up_proj.weight", "blk.{}.ffn_up.weight", {feed_forward, embedding}},
    {"model.layers.{}.mlp.down_proj.weight", "blk.{}.ffn_down.weight", {embedding, feed_forward}},
    {"model.norm.weight", "output_norm.weight", {embedding}, plus_one},
};

constexpr TensorRow gemma2_tensors[] = {
    {"model.embed_tokens.weight", "token_embd.weight", {vocabulary, embedding}},
    {"model.layers.{}.input_layernorm.weight", "blk.{}.attn_norm.weight", {embedding}, plus_one},
    {"model.layers.{}.self_attn.q_proj.weight", "blk.{}.attn_q.weight", {query_rows, embedding}},
    {"model.layers.{}.self_attn.k_proj.weight", "blk.{}.attn_k.weight", {key_rows, embedding}},
    {"model.layers.{}.self_attn.v_proj.weight", "blk.{}.attn_v.weight", {key_rows, embedding}},
    {"model.layers.{}.self_attn.o_proj.weight", "blk.{}.attn_output.weight", {embedding, query_rows}},
    {"model.layers.{}.post_attention_layernorm.weight", "blk.{}.post_attention_norm.weight", {embedding}, plus_one},
    {"model.layers.{}.pre_feedforward_layernorm.weight", "blk.{}.ffn_norm.weight", {embedding}, plus_one},
    {"model.layers.{}.mlp.gate_proj.weight", "blk.{}.ffn_gate.weight", {feed_forward, embedding}},
    {"model.layers.{}.mlp.up_proj.weight", "blk.{}.ffn_up.weight", {feed_forward, embedding}},
    {"model.layers.{}.mlp.down_proj.weight", "blk.{}.ffn_down.weight", {embedding, feed_forward}},
    {"model.layers.{}.post_feedforward_layernorm.weight", "blk.{}.post_ffw_norm.weight", {embedding}, plus_one},
    {"model.norm.weight", "output_norm.weight", {embedding}, plus_one},
};

constexpr TensorRow gemma3_tensors[] = {
    {"model.embed_tokens.weight", "token_embd.weight", {vocabulary, embedding}},
    {"model.layers.{}.input_layernorm.weight", "blk.{}.attn_norm.weight", {embedding}, plus_one},
    {"model.layers.{}.self_attn.q_proj.weight", "blk.{}.attn_q.weight", {query_rows, embedding}},
    {"model.layers.{}.self_attn.k_proj.weight", "blk.{}.attn_k.weight", {key_rows, embedding}},
    {"model.layers.{}.self_attn.v_proj.weight", "blk.{}.attn_v.weight", {key_rows, embedding}},
    {"model.layers.{}.self_attn.q_norm.weight", "blk.{}.attn_q_norm.weight", {head}, plus_one},
    {"model.layers.{}.self_attn.k_norm.weight", "blk.{}.attn_k_norm.weight", {head}, plus_one},
    {"model.layers.{}.self_attn.o_proj.weight", "blk.{}.attn_output.weight", {embedding, query_rows}},
    {"model.layers.{}.post_attention_layernorm.weight", "blk.{}.post_attention_norm.weight", {embedding}, plus_one},
    {"model.layers.{}.pre_feedforward_layernorm.weight", "blk.{}.ffn_norm.weight", {embedding}, plus_one},
    {"model.layers.{}.mlp.gate_proj.weight", "blk.{}.ffn_gate.weight", {feed_forward, embedding}},
    {"model.layers.{}.mlp.up_proj.weight", "blk.{}.ffn_up.weight", {feed_forward, embedding}},
    {"model.layers.{}.mlp.down_proj.weight", "blk.{}.ffn_down.weight", {embedding, feed_forward}},
    {"model.layers.{}.post_feedforward_layernorm.weight", "blk.{}.post_ffw_norm.weight", {embedding}, plus_one},
    {"model.norm.weight", "output_norm.weight", {embedding}, plus_one},
    {"lm_head.weight", "output.weight", {vocabulary, embedding}, Transform::keep, Presence::untied},
};

constexpr KeyRow gemma_keys[] = {number_key("attention.layer_norm_rms_epsilon", "rms_norm_eps"),
                                 size_key("attention.key_length", head), size_key("attention.value_length", head)};
constexpr KeyRow gemma2_keys[] = {number_key("attention.layer_norm_rms_epsilon", "rms_norm_eps"),
                                  size_key("attention.key_length", head),
                                  size_key("attention.value_length", head),
                                  number_key("attn_logit_softcapping", "attn_logit_softcapping"),
                                  number_key("final_logit_softcapping", "final_logit_softcapping"),
                                  integer_key("attention.sliding_window", "sliding_window")};
constexpr KeyRow gemma3_keys[] = {number_key("attention.layer_norm_rms_epsilon", "rms_norm_eps"),
                                  size_key("attention.key_length", head), size_key("attention.value_length", head),
                                  optional_number_key("final_logit_softcapping", "final_logit_softcapping")};

constexpr std::int64_t most_positions = std::int64_t{1} << 31;
constexpr std::int64_t gemma2_period = 2;
constexpr std::int64_t gemma3_period = 6;

/// The engine divides by a root that follows from the number of blocks (load_arch_hparams of both architectures).
void check_attention_scale(ImportDraft& draft, std::int64_t blocks_of_27b) {
  const double scalar = draft.config.number("query_pre_attn_scalar");
  const std::int64_t built_in =
      draft.sizes[blocks] == blocks_of_27b ? draft.sizes[embedding] / draft.sizes[heads] : draft.sizes[head];
  if (scalar != static_cast<double>(built_in))
    draft.config.refuse(ErrorKind::unsupported, "has a query_pre_attn_scalar other than " + std::to_string(built_in) +
                                                    ", which the engine cannot change");
}

/// Every n-th layer sees everything, the others a window. 0: it is not so.
std::int64_t period_of(ImportDraft& draft, std::int64_t usual) {
  const Json* layers = draft.config.find("layer_types");
  if (layers == nullptr) return usual;
  if (!layers->is_array() || layers->size() != static_cast<std::size_t>(draft.sizes[blocks])) return 0;
  const auto is_full = [](const Json& layer) { return layer == "full_attention"; };
  const auto first = std::find_if(layers->begin(), layers->end(), is_full);
  const std::int64_t period =
      first == layers->end() ? std::max(usual, draft.sizes[blocks] + 1) : first - layers->begin() + 1;
  for (std::int64_t at = 0; at < draft.sizes[blocks]; ++at) {
    const Json& layer = (*layers)[static_cast<std::size_t>(at)];
    if (is_full(layer) != ((at + 1) % period == 0) || !(is_full(layer) || layer == "sliding_attention")) return 0;
  }
  // Too few layers to tell: the usual one makes no difference.
  return first == layers->end() && draft.sizes[blocks] < usual ? usual : period;
}

void extend_gemma(ImportDraft& draft) { add_rope(draft, {.always_base = false}); }

void extend_gemma2(ImportDraft& draft) {
  // Absent is the class's value, null is none, and the engine always has one.
  for (const char* name : {"attn_logit_softcapping", "final_logit_softcapping", "sliding_window"})
    if (draft.config.is_null(name))
      draft.config.refuse(ErrorKind::unsupported, std::string("has '") + name + "' null, which the engine lacks");
  check_attention_scale(draft, 46);
  if (period_of(draft, gemma2_period) != gemma2_period)
    draft.config.refuse(ErrorKind::unsupported, "has layer_types that do not alternate, which the engine lacks");
  add_rope(draft, {.always_base = false});
}

void add_gemma3_rope(ImportDraft& draft) {
  const Json& parameters = rope_parameters(draft);
  const auto part = [&parameters](const char* name) {
    const auto found = parameters.find(name);
    return found == parameters.end() ? nullptr : &*found;
  };
  const Json* full = part("full_attention");
  const Json* local = part("sliding_attention");
  const Json none = Json::object();
  const bool nested = full != nullptr || local != nullptr;
  const Json& global = nested ? (full == nullptr ? none : *full) : parameters;
  ModelConfig rope(global, draft.config.where() + ": rope parameters");
  ModelConfig local_rope(local == nullptr ? none : *local, draft.config.where() + ": rope parameters");
  if (rope_type(local == nullptr ? none : *local) != "default")
    local_rope.refuse(ErrorKind::unsupported,
                      "scale the positions of the layers with a window, which the engine lacks");
  const double base = rope.has("rope_theta") ? rope.number("rope_theta") : draft.config.number("rope_theta");
  const double local_base =
      local_rope.has("rope_theta") ? local_rope.number("rope_theta") : draft.config.number("rope_local_base_freq");
  for (const ModelConfig* each : {&rope, &local_rope})
    if (each->error()) return draft.config.fail(*each->error());
  if (!(base > 0 && local_base > 0))
    draft.config.refuse(ErrorKind::engine_failed, "has a rope_theta that is not positive");
  add_rope_scaling(draft, global, base, {});
  draft.add("rope.freq_base", static_cast<float>(base));
  draft.add("rope.freq_base_swa", static_cast<float>(local_base));
}

void extend_gemma3(ImportDraft& draft) {
  if (draft.class_name == "Gemma3ForConditionalGeneration") {
    draft.warnings.push_back(
        {"import_vision", "the part of the model that sees images is left out; it answers texts only"});
  }
  check_attention_scale(draft, 62);
  add_gemma3_rope(draft);
  const std::int64_t period = period_of(draft, draft.config.integer("sliding_window_pattern", 1, most_positions));
  if (period == 0)
    draft.config.refuse(ErrorKind::unsupported, "has layer_types without a period, which the engine lacks");
  if (period <= 1) return;
  draft.add("attention.sliding_window",
            static_cast<std::uint32_t>(draft.config.integer("sliding_window", 1, most_positions)));
  if (period != gemma3_period) draft.add("attention.sliding_window_pattern", static_cast<std::uint32_t>(period));
}

}  // namespace

const Architecture gemma = {
    .name = "gemma",
    .classes = gemma_classes,
    .defaults = gemma_defaults,
    .aliases = {},
    .fixed = gemma_fixed,
    .prefixes = {},
    .suffixes = {},
    .skipped = skipped,
    .tensors = gemma_tensors,
    .keys = gemma_keys,
    .extend = extend_gemma,
};

const Architecture gemma2 = {
    .name = "gemma2",
    .classes = gemma2_classes,
    .defaults = gemma2_defaults,
    .aliases = {},
    .fixed = gemma_fixed,
    .prefixes = {},
    .suffixes = {},
    .skipped = skipped,
    .tensors = gemma2_tensors,
    .keys = gemma2_keys,
    .extend = extend_gemma2,
};

const Architecture gemma3 = {
    .name = "gemma3",
    .classes = gemma3_classes,
    .defaults = gemma3_defaults,
    .aliases = {},
    .fixed = gemma3_fixed,
    .prefixes = gemma3_prefixes,
    .suffixes = {},
    .skipped = gemma3_skipped,
    .tensors = gemma3_tensors,
    .keys = gemma3_keys,
    .extend = extend_gemma3,
};

}  // namespace abstractllm::gemma_import
