// SPDX-License-Identifier: Apache-2.0
#include "support/tiny_model.hpp"

#include <array>
#include <memory>
#include <stdexcept>
#include <vector>

#include "ggml.h"
#include "gguf.h"

namespace abstractllm::testing_support {
namespace {

constexpr std::int64_t width = 64;
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

/// std::normal_distribution differs between libraries; this does not.
class Noise {
 public:
  explicit Noise(std::uint32_t seed) : state_(seed) {}
  float next() {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return (static_cast<float>(state_ >> 40) / static_cast<float>(1U << 24) - 0.5F) * 0.2F;
  }

 private:
  std::uint64_t state_;
};

class Writer {
 public:
  explicit Writer(const TinyModel& model) : noise_(model.seed) {
    add_settings(model);
    add_vocabulary();
    add_weights();
  }

  void write(const std::filesystem::path& file) const {
    if (!gguf_write_to_file(file_.get(), file.c_str(), false))
      throw std::runtime_error("cannot write " + file.string());
  }

 private:
  void number(const char* key, std::int64_t value) {
    gguf_set_val_u32(file_.get(), key, static_cast<std::uint32_t>(value));
  }
  void text(const char* key, const std::string& value) { gguf_set_val_str(file_.get(), key, value.c_str()); }

  void add_settings(const TinyModel& model) {
    text("general.architecture", "llama");
    text("general.name", "tiny");
    number("llama.context_length", model.context_tokens);
    number("llama.embedding_length", width);
    number("llama.feed_forward_length", inner_width);
    number("llama.block_count", layers);
    number("llama.attention.head_count", heads);
    number("llama.attention.head_count_kv", heads / 2);
    number("llama.rope.dimension_count", width / heads);
    gguf_set_val_f32(file_.get(), "llama.attention.layer_norm_rms_epsilon", 1e-5F);
    text("tokenizer.chat_template", model.chat_template);
  }

  void add_vocabulary() {
    // The order of GPT-2's own byte list is not that of the bytes; ours is, to make tests readable.
    for (int byte = 0; byte < 256; ++byte) tokens_.push_back(printable(byte));
    for (const char* special : {"<|endoftext|>", "<|im_start|>", "<|im_end|>"}) tokens_.emplace_back(special);
    std::vector<const char*> names;
    std::vector<std::int32_t> types;
    for (const std::string& token : tokens_) {
      types.push_back(names.size() < 256 ? 1 : 3);
      names.push_back(token.c_str());
    }
    text("tokenizer.ggml.model", "gpt2");
    text("tokenizer.ggml.pre", "gpt-2");
    gguf_set_arr_str(file_.get(), "tokenizer.ggml.tokens", names.data(), names.size());
    gguf_set_arr_data(file_.get(), "tokenizer.ggml.token_type", GGUF_TYPE_INT32, types.data(), types.size());
    gguf_set_arr_str(file_.get(), "tokenizer.ggml.merges", nullptr, 0);
    number("tokenizer.ggml.bos_token_id", 256);
    number("tokenizer.ggml.eos_token_id", tiny_end_of_answer);
    gguf_set_val_bool(file_.get(), "tokenizer.ggml.add_bos_token", false);
  }

  void add_weights() {
    const auto vocabulary = static_cast<std::int64_t>(tokens_.size());
    matrix("token_embd.weight", width, vocabulary);
    ones("output_norm.weight");
    matrix("output.weight", width, vocabulary);
    for (std::int64_t layer = 0; layer < layers; ++layer) {
      const std::string prefix = "blk." + std::to_string(layer) + ".";
      ones(prefix + "attn_norm.weight");
      matrix(prefix + "attn_q.weight", width, width);
      matrix(prefix + "attn_k.weight", width, kv_width);
      matrix(prefix + "attn_v.weight", width, kv_width);
      matrix(prefix + "attn_output.weight", width, width);
      ones(prefix + "ffn_norm.weight");
      matrix(prefix + "ffn_gate.weight", width, inner_width);
      matrix(prefix + "ffn_up.weight", width, inner_width);
      matrix(prefix + "ffn_down.weight", inner_width, width);
    }
  }

  void matrix(const std::string& name, std::int64_t columns, std::int64_t rows) {
    ggml_tensor* tensor = ggml_new_tensor_2d(memory_.get(), GGML_TYPE_F32, columns, rows);
    for (std::int64_t i = 0; i < columns * rows; ++i) ggml_get_data_f32(tensor)[i] = noise_.next();
    add(name, tensor);
  }

  void ones(const std::string& name) {
    ggml_tensor* tensor = ggml_new_tensor_1d(memory_.get(), GGML_TYPE_F32, width);
    for (std::int64_t i = 0; i < width; ++i) ggml_get_data_f32(tensor)[i] = 1.0F;
    add(name, tensor);
  }

  void add(const std::string& name, ggml_tensor* tensor) {
    ggml_set_name(tensor, name.c_str());
    gguf_add_tensor(file_.get(), tensor);
  }

  Noise noise_;
  std::vector<std::string> tokens_;
  std::unique_ptr<gguf_context, void (*)(gguf_context*)> file_{gguf_init_empty(), &gguf_free};
  std::unique_ptr<ggml_context, void (*)(ggml_context*)> memory_{ggml_init({16U << 20U, nullptr, false}), &ggml_free};
};

}  // namespace

void write_tiny_model(const std::filesystem::path& file, const TinyModel& model) { Writer(model).write(file); }

}  // namespace abstractllm::testing_support
