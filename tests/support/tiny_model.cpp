// SPDX-License-Identifier: Apache-2.0
#include "support/tiny_model.hpp"

#include <array>
#include <vector>

#include "support/gguf_file.hpp"

namespace abstractllm::testing_support {
namespace {

constexpr std::int64_t width = tiny_model_width;
constexpr std::int64_t inner_width = 128;
constexpr std::int64_t layers = 2;
constexpr std::int64_t heads = 4;
constexpr std::int64_t kv_width = 32;

/// GPT-2's spelling of a byte as a printable character.
std::string printable(int byte) {
  static const std::array<int, 256> codes = [] {
    std::array<int, 256> found{};
    int next = 256;
    for (int b = 0; b < 256; ++b) {
      const bool shown = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
      found[static_cast<std::size_t>(b)] = shown ? b : next++;
    }
    return found;
  }();
  const int code = codes[static_cast<std::size_t>(byte)];
  if (code < 0x80) return std::string(1, static_cast<char>(code));
  return {static_cast<char>(0xC0 | (code >> 6)), static_cast<char>(0x80 | (code & 0x3F))};
}

void add_settings(GgufFile& file, const TinyModel& model) {
  file.text("general.architecture", "llama");
  file.text("general.name", model.name);
  file.number("llama.context_length", model.context_tokens);
  file.number("llama.embedding_length", width);
  file.number("llama.feed_forward_length", inner_width);
  file.number("llama.block_count", model.layers);
  file.number("llama.attention.head_count", heads);
  file.number("llama.attention.head_count_kv", heads / 2);
  file.number("llama.rope.dimension_count", width / heads);
  file.real("llama.attention.layer_norm_rms_epsilon", model.epsilon);
  if (!model.chat_template.empty()) file.text("tokenizer.chat_template", model.chat_template);
}

/// Returns how many tokens there are.
std::int64_t add_vocabulary(GgufFile& file) {
  // The order of GPT-2's own byte list is not that of the bytes; ours is, to make tests readable.
  std::vector<std::string> tokens;
  for (int byte = 0; byte < 256; ++byte) tokens.push_back(printable(byte));
  std::vector<std::int32_t> types(tokens.size(), 1);
  for (const char* special : {"<|endoftext|>", "<|im_start|>", "<|im_end|>"}) {
    tokens.emplace_back(special);
    types.push_back(3);
  }
  file.text("tokenizer.ggml.model", "gpt2");
  file.text("tokenizer.ggml.pre", "gpt-2");
  file.texts("tokenizer.ggml.tokens", tokens);
  file.numbers("tokenizer.ggml.token_type", types);
  file.texts("tokenizer.ggml.merges", {});
  file.number("tokenizer.ggml.bos_token_id", 256);
  file.number("tokenizer.ggml.eos_token_id", tiny_end_of_answer);
  file.flag("tokenizer.ggml.add_bos_token", false);
  return static_cast<std::int64_t>(tokens.size());
}

void add_weights(GgufFile& file, std::int64_t vocabulary) {
  file.random("token_embd.weight", {width, vocabulary});
  file.constant("output_norm.weight", width, 1);
  file.random("output.weight", {width, vocabulary});
  for (std::int64_t layer = 0; layer < layers; ++layer) {
    const std::string prefix = "blk." + std::to_string(layer) + ".";
    file.constant(prefix + "attn_norm.weight", width, 1);
    file.random(prefix + "attn_q.weight", {width, width});
    file.random(prefix + "attn_k.weight", {width, kv_width});
    file.random(prefix + "attn_v.weight", {width, kv_width});
    file.random(prefix + "attn_output.weight", {width, width});
    file.constant(prefix + "ffn_norm.weight", width, 1);
    file.random(prefix + "ffn_gate.weight", {width, inner_width});
    file.random(prefix + "ffn_up.weight", {width, inner_width});
    file.random(prefix + "ffn_down.weight", {inner_width, width});
  }
}

}  // namespace

void write_tiny_model(const std::filesystem::path& file, const TinyModel& model) {
  GgufFile made(model.seed);
  add_settings(made, model);
  add_weights(made, add_vocabulary(made));
  made.write(file);
}

}  // namespace abstractllm::testing_support
