// SPDX-License-Identifier: Apache-2.0
#include "support/tiny_encoder.hpp"

#include <limits>
#include <string>
#include <vector>

#include "support/gguf_file.hpp"

namespace abstractllm::testing_support {
namespace {

constexpr std::int64_t width = tiny_encoder_width;
constexpr std::int64_t inner_width = 64;
constexpr std::int64_t layers = 2;
constexpr std::int64_t heads = 4;

void add_settings(GgufFile& file, const TinyEncoder& encoder) {
  file.text("general.architecture", "bert");
  file.text("general.name", "tiny encoder");
  file.number("bert.context_length", encoder.context_tokens);
  file.number("bert.embedding_length", width);
  file.number("bert.feed_forward_length", inner_width);
  file.number("bert.block_count", layers);
  file.number("bert.attention.head_count", heads);
  file.real("bert.attention.layer_norm_epsilon", 1e-12F);
  file.flag("bert.attention.causal", false);
  if (encoder.pooling) file.number("bert.pooling_type", *encoder.pooling);
}

/// Returns how many tokens there are. The engine marks the beginning of a word, where BERT marks all but that.
std::int64_t add_vocabulary(GgufFile& file) {
  std::vector<std::string> tokens = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
  std::vector<std::int32_t> types = {3, 2, 3, 3, 3};
  for (char letter = 'a'; letter <= 'z'; ++letter) {
    tokens.emplace_back(1, letter);
    tokens.push_back("\xE2\x96\x81" + std::string(1, letter));
  }
  for (const char* word : {"\xE2\x96\x81"
                           "cat",
                           "\xE2\x96\x81"
                           "dog"})
    tokens.emplace_back(word);
  types.resize(tokens.size(), 1);
  file.text("tokenizer.ggml.model", "bert");
  file.text("tokenizer.ggml.pre", "default");
  file.texts("tokenizer.ggml.tokens", tokens);
  file.numbers("tokenizer.ggml.token_type", types);
  file.number("tokenizer.ggml.token_type_count", 2);
  file.number("tokenizer.ggml.padding_token_id", 0);
  file.number("tokenizer.ggml.unknown_token_id", 1);
  file.number("tokenizer.ggml.bos_token_id", 2);
  file.number("tokenizer.ggml.eos_token_id", 3);
  file.number("tokenizer.ggml.seperator_token_id", 3);
  file.number("tokenizer.ggml.mask_token_id", 4);
  file.flag("tokenizer.ggml.add_bos_token", true);
  file.flag("tokenizer.ggml.add_eos_token", true);
  file.flag("tokenizer.ggml.add_sep_token", false);
  return static_cast<std::int64_t>(tokens.size());
}

void add_norm(GgufFile& file, const std::string& name) {
  file.constant(name + ".weight", width, 1);
  file.constant(name + ".bias", width, 0);
}

void add_layer(GgufFile& file, const std::string& prefix) {
  for (const char* name : {"attn_q", "attn_k", "attn_v", "attn_output"}) {
    file.random(prefix + name + ".weight", {width, width});
    file.random(prefix + name + ".bias", {width});
  }
  add_norm(file, prefix + "attn_output_norm");
  file.random(prefix + "ffn_up.weight", {width, inner_width});
  file.random(prefix + "ffn_up.bias", {inner_width});
  file.random(prefix + "ffn_down.weight", {inner_width, width});
  file.random(prefix + "ffn_down.bias", {width});
  add_norm(file, prefix + "layer_output_norm");
}

}  // namespace

void write_tiny_encoder(const std::filesystem::path& file, const TinyEncoder& encoder) {
  GgufFile made(encoder.seed);
  add_settings(made, encoder);
  made.random("token_embd.weight", {width, add_vocabulary(made)});
  made.random("token_types.weight", {width, 2});
  made.random("position_embd.weight", {width, encoder.context_tokens});
  made.constant("token_embd_norm.weight", width, 1);
  made.constant("token_embd_norm.bias", width, encoder.broken ? std::numeric_limits<float>::quiet_NaN() : 0);
  for (std::int64_t layer = 0; layer < layers; ++layer) add_layer(made, "blk." + std::to_string(layer) + ".");
  if (encoder.pooling == 4U) {
    made.random("cls.weight", {width, width});
    made.random("cls.bias", {width});
    made.random("cls.output.weight", {width, 1});
    made.constant("cls.output.bias", 1, 0.1F);
  }
  made.write(file);
}

}  // namespace abstractllm::testing_support
