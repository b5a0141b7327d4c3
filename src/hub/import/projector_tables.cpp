// SPDX-License-Identifier: Apache-2.0
// Sources, read 2026-11: conversion/{base,gemma,smolvlm}.py, tools/mtmd/legacy-models/convert_image_encoder_to_gguf.py,
// gguf-py/gguf/tensor_mapping.py and tools/mtmd/{clip-impl.h,clip.cpp,models/llava.cpp,models/siglip.cpp} of llama.cpp
// v0.5.0; configuration_{clip,siglip,idefics3,smolvlm}.py of transformers 5.24 for the defaults.
#include "hub/import/projector_tables.hpp"

namespace abstractllm::projector_tables {
namespace {

constexpr SettingDefault clip_defaults[] = {
    {"hidden_size", 768}, {"intermediate_size", 3072}, {"num_hidden_layers", 12}, {"num_attention_heads", 12},
    {"image_size", 224},  {"patch_size", 32},          {"layer_norm_eps", 1e-5},  {"num_channels", 3},
};
constexpr SettingDefault siglip_defaults[] = {
    {"hidden_size", 768}, {"intermediate_size", 3072}, {"num_hidden_layers", 12}, {"num_attention_heads", 12},
    {"image_size", 224},  {"patch_size", 16},          {"layer_norm_eps", 1e-6},  {"num_channels", 3},
};
constexpr SettingDefault idefics3_defaults[] = {
    {"hidden_size", 1152}, {"intermediate_size", 3072}, {"num_hidden_layers", 12}, {"num_attention_heads", 16},
    {"image_size", 224},   {"patch_size", 32},          {"layer_norm_eps", 1e-6},  {"num_channels", 3},
};

using enum Size;
using enum Transform;

template <std::size_t... counts>
constexpr auto tables(const TensorRow (&... parts)[counts]) {
  std::array<TensorRow, (counts + ...)> rows{};
  std::size_t at = 0;
  const auto append = [&rows, &at](const auto& part) {
    for (const TensorRow& row : part) rows[at++] = row;
  };
  (append(parts), ...);
  return rows;
}

constexpr TensorRow f32(std::string_view source, std::string_view target, std::array<Size, 4> shape,
                        Transform transform = keep) {
  return {source, target, shape, transform, Presence::required, {}, true};
}

// The engine's convolution reads no BF16, and it adds the positions to values in F32.
constexpr TensorRow clip_patches[] = {
    {"vision.embeddings.class_embedding", "v.class_embd", {embedding}},
    f32("vision.embeddings.patch_embedding.weight", "v.patch_embd.weight",
        {embedding, colours, patch_side, patch_side}),
    // The engine puts the class embedding behind the patches, and CLIP before them.
    f32("vision.embeddings.position_embedding.weight", "v.position_embd.weight", {positions, embedding},
        first_row_last),
    {"vision.pre_layrnorm.weight", "v.pre_ln.weight", {embedding}},
    {"vision.pre_layrnorm.bias", "v.pre_ln.bias", {embedding}},
};
constexpr TensorRow siglip_patches[] = {
    f32("vision.embeddings.patch_embedding.weight", "v.patch_embd.weight",
        {embedding, colours, patch_side, patch_side}),
    {"vision.embeddings.patch_embedding.bias", "v.patch_embd.bias", {embedding}},
    f32("vision.embeddings.position_embedding.weight", "v.position_embd.weight", {positions, embedding}),
};

constexpr TensorRow blocks_of[] = {
    {"vision.encoder.layers.{}.layer_norm1.weight", "v.blk.{}.ln1.weight", {embedding}},
    {"vision.encoder.layers.{}.layer_norm1.bias", "v.blk.{}.ln1.bias", {embedding}},
    {"vision.encoder.layers.{}.self_attn.q_proj.weight", "v.blk.{}.attn_q.weight", {embedding, embedding}},
    {"vision.encoder.layers.{}.self_attn.q_proj.bias", "v.blk.{}.attn_q.bias", {embedding}},
    {"vision.encoder.layers.{}.self_attn.k_proj.weight", "v.blk.{}.attn_k.weight", {embedding, embedding}},
    {"vision.encoder.layers.{}.self_attn.k_proj.bias", "v.blk.{}.attn_k.bias", {embedding}},
    {"vision.encoder.layers.{}.self_attn.v_proj.weight", "v.blk.{}.attn_v.weight", {embedding, embedding}},
    {"vision.encoder.layers.{}.self_attn.v_proj.bias", "v.blk.{}.attn_v.bias", {embedding}},
    {"vision.encoder.layers.{}.self_attn.out_proj.weight", "v.blk.{}.attn_out.weight", {embedding, embedding}},
    {"vision.encoder.layers.{}.self_attn.out_proj.bias", "v.blk.{}.attn_out.bias", {embedding}},
    {"vision.encoder.layers.{}.layer_norm2.weight", "v.blk.{}.ln2.weight", {embedding}},
    {"vision.encoder.layers.{}.layer_norm2.bias", "v.blk.{}.ln2.bias", {embedding}},
    {"vision.encoder.layers.{}.mlp.fc1.weight", "v.blk.{}.ffn_up.weight", {feed_forward, embedding}},
    {"vision.encoder.layers.{}.mlp.fc1.bias", "v.blk.{}.ffn_up.bias", {feed_forward}},
    {"vision.encoder.layers.{}.mlp.fc2.weight", "v.blk.{}.ffn_down.weight", {embedding, feed_forward}},
    {"vision.encoder.layers.{}.mlp.fc2.bias", "v.blk.{}.ffn_down.bias", {embedding}},
};

// Llava reads the tower before its last norm.
constexpr TensorRow last_norm[] = {
    {"vision.post_layernorm.weight", "v.post_ln.weight", {embedding}},
    {"vision.post_layernorm.bias", "v.post_ln.bias", {embedding}},
};

constexpr TensorRow llava_rows[] = {
    {"projector.linear_1.weight", "mm.0.weight", {text_width, joined_width}},
    {"projector.linear_1.bias", "mm.0.bias", {text_width}},
    {"projector.linear_2.weight", "mm.2.weight", {text_width, text_width}},
    {"projector.linear_2.bias", "mm.2.bias", {text_width}},
};
constexpr TensorRow gemma3_rows[] = {
    // The engine's converter narrows this one to F16, which would lose what BF16 and F32 hold beyond it.
    f32("projector.mm_input_projection_weight", "mm.input_projection.weight", {embedding, text_width}),
    {"projector.mm_soft_emb_norm.weight", "mm.soft_emb_norm.weight", {embedding}, plus_one},
};
constexpr TensorRow idefics3_rows[] = {
    {"projector.modality_projection.proj.weight", "mm.model.fc.weight", {text_width, joined_width}},
};

constexpr auto clip_llava_tensors = tables(clip_patches, blocks_of, llava_rows);
constexpr auto siglip_llava_tensors = tables(siglip_patches, blocks_of, llava_rows);
constexpr auto gemma3_tensors = tables(siglip_patches, blocks_of, last_norm, gemma3_rows);
constexpr auto idefics3_tensors = tables(siglip_patches, blocks_of, last_norm, idefics3_rows);

// "*.position_ids" are numbers from 0 on. The head of SigLIP makes one vector of a picture, for searching.
constexpr std::string_view llava_skipped[] = {"*.position_ids", "vision.post_layernorm.*", "vision.head.*"};
constexpr std::string_view siglip_skipped[] = {"*.position_ids", "vision.head.*"};

}  // namespace

const Architecture clip_llava = {
    .name = "mlp",
    .classes = {},
    .defaults = clip_defaults,
    .aliases = {},
    .fixed = {},
    .prefixes = {},
    .suffixes = {},
    .skipped = llava_skipped,
    .tensors = clip_llava_tensors,
    .keys = {},
};
const Architecture siglip_llava = {
    .name = "mlp",
    .classes = {},
    .defaults = siglip_defaults,
    .aliases = {},
    .fixed = {},
    .prefixes = {},
    .suffixes = {},
    .skipped = llava_skipped,
    .tensors = siglip_llava_tensors,
    .keys = {},
};
const Architecture gemma3 = {
    .name = "gemma3",
    .classes = {},
    .defaults = siglip_defaults,
    .aliases = {},
    .fixed = {},
    .prefixes = {},
    .suffixes = {},
    .skipped = siglip_skipped,
    .tensors = gemma3_tensors,
    .keys = {},
};
const Architecture idefics3 = {
    .name = "idefics3",
    .classes = {},
    .defaults = idefics3_defaults,
    .aliases = {},
    .fixed = {},
    .prefixes = {},
    .suffixes = {},
    .skipped = siglip_skipped,
    .tensors = idefics3_tensors,
    .keys = {},
};

}  // namespace abstractllm::projector_tables
