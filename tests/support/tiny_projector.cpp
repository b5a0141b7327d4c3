// SPDX-License-Identifier: Apache-2.0
#include "support/tiny_projector.hpp"

#include <string>

#include "support/gguf_file.hpp"

namespace abstractllm::testing_support {
namespace {

constexpr std::int64_t image_side = 28;
constexpr std::int64_t patch_side = 14;
constexpr std::int64_t colours = 3;
constexpr std::int64_t width = 32;
constexpr std::int64_t inner_width = 64;
constexpr std::int64_t layers = 2;  // the engine leaves the last one out, as LLaVA does
constexpr std::int64_t heads = 2;
static_assert((image_side / patch_side) * (image_side / patch_side) == tiny_picture_tokens);

void add_settings(GgufFile& file, const TinyProjector& projector) {
  file.text("general.architecture", "clip");
  file.text("general.type", "mmproj");
  file.text("general.name", "tiny-projector");
  file.flag("clip.has_vision_encoder", true);
  file.text("clip.projector_type", "mlp");
  file.flag("clip.use_gelu", true);
  file.number("clip.vision.image_size", image_side);
  file.number("clip.vision.patch_size", patch_side);
  file.number("clip.vision.embedding_length", width);
  file.number("clip.vision.feed_forward_length", inner_width);
  file.number("clip.vision.projection_dim", projector.model_width);
  file.number("clip.vision.block_count", layers);
  file.number("clip.vision.attention.head_count", heads);
  file.real("clip.vision.attention.layer_norm_epsilon", 1e-5F);
  // Colours from -1 to 1.
  file.reals("clip.vision.image_mean", {0.5F, 0.5F, 0.5F});
  file.reals("clip.vision.image_std", {0.5F, 0.5F, 0.5F});
}

void add_norm(GgufFile& file, const std::string& name) {
  file.constant(name + ".weight", width, 1);
  file.constant(name + ".bias", width, 0);
}

void add_linear(GgufFile& file, const std::string& name, std::int64_t from, std::int64_t to) {
  file.random(name + ".weight", {from, to});
  file.constant(name + ".bias", to, 0);
}

void add_encoder(GgufFile& file) {
  // No class embedding: the engine would take it for the last patch, and leave the first one out.
  file.random("v.patch_embd.weight", {patch_side, patch_side, colours, width});
  file.random("v.position_embd.weight", {width, tiny_picture_tokens});
  add_norm(file, "v.pre_ln");
  for (std::int64_t layer = 0; layer < layers; ++layer) {
    const std::string prefix = "v.blk." + std::to_string(layer) + ".";
    for (const char* part : {"attn_q", "attn_k", "attn_v", "attn_out"}) add_linear(file, prefix + part, width, width);
    add_norm(file, prefix + "ln1");
    add_norm(file, prefix + "ln2");
    add_linear(file, prefix + "ffn_up", width, inner_width);
    add_linear(file, prefix + "ffn_down", inner_width, width);
  }
}

}  // namespace

void write_tiny_projector(const std::filesystem::path& file, const TinyProjector& projector) {
  GgufFile made(projector.seed);
  add_settings(made, projector);
  add_encoder(made);
  add_linear(made, "mm.0", width, projector.model_width);
  add_linear(made, "mm.2", projector.model_width, projector.model_width);
  made.write(file);
}

}  // namespace abstractllm::testing_support
