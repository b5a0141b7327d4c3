// SPDX-License-Identifier: Apache-2.0
#include "support/tiny_ear.hpp"

#include <string>

#include "support/gguf_file.hpp"
#include "support/tiny_model.hpp"

namespace abstractllm::testing_support {
namespace {

constexpr std::int64_t mel_bins = 80;
constexpr std::int64_t positions = 1500;  // two frames of 10 ms each: 30 seconds
constexpr std::int64_t width = 16;
constexpr std::int64_t inner_width = 32;
constexpr std::int64_t kernel = 3;
constexpr std::int64_t stacked = positions / tiny_recording_tokens;
static_assert(stacked * tiny_recording_tokens == positions);

void add_settings(GgufFile& file) {
  file.text("general.architecture", "clip");
  file.text("general.type", "mmproj");
  file.text("general.name", "tiny-ear");
  file.flag("clip.has_audio_encoder", true);
  file.text("clip.projector_type", "ultravox");
  file.number("clip.audio.num_mel_bins", mel_bins);
  file.number("clip.audio.embedding_length", width);
  file.number("clip.audio.feed_forward_length", inner_width);
  file.number("clip.audio.projection_dim", tiny_model_width);
  file.number("clip.audio.block_count", 1);
  file.number("clip.audio.attention.head_count", 2);
  file.number("clip.audio.projector.stack_factor", stacked);
  file.real("clip.audio.attention.layer_norm_epsilon", 1e-5F);
}

void add_norm(GgufFile& file, const std::string& name) {
  file.constant(name + ".weight", width, 1);
  file.constant(name + ".bias", width, 0);
}

void add_linear(GgufFile& file, const std::string& name, std::int64_t from, std::int64_t to, bool bias = true) {
  file.random(name + ".weight", {from, to});
  if (bias) file.constant(name + ".bias", to, 0);
}

void add_encoder(GgufFile& file) {
  file.random("a.conv1d.1.weight", {kernel, mel_bins, width});
  file.random("a.conv1d.1.bias", {1, width});
  file.random("a.conv1d.2.weight", {kernel, width, width});
  file.random("a.conv1d.2.bias", {1, width});
  file.random("a.position_embd.weight", {width, positions});
  const std::string layer = "a.blk.0.";
  add_norm(file, layer + "ln1");
  add_norm(file, layer + "ln2");
  add_linear(file, layer + "attn_q", width, width);
  add_linear(file, layer + "attn_k", width, width, false);  // Whisper has no bias here
  add_linear(file, layer + "attn_v", width, width);
  add_linear(file, layer + "attn_out", width, width);
  add_linear(file, layer + "ffn_up", width, inner_width);
  add_linear(file, layer + "ffn_down", inner_width, width);
  add_norm(file, "a.post_ln");
}

}  // namespace

void write_tiny_ear(const std::filesystem::path& path) {
  GgufFile file(9);
  add_settings(file);
  add_encoder(file);
  file.constant("mm.a.norm_pre.weight", width * stacked, 1);
  add_linear(file, "mm.a.mlp.1", width * stacked, 2 * inner_width, false);
  file.constant("mm.a.norm_mid.weight", inner_width, 1);
  add_linear(file, "mm.a.mlp.2", inner_width, tiny_model_width, false);
  file.write(path);
}

}  // namespace abstractllm::testing_support
