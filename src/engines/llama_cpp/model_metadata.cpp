// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/model_metadata.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "engines/llama_cpp/model_file.hpp"
#include "ggml.h"
#include "gguf.h"
#include "llama.h"

namespace abstractllm {
namespace {

constexpr std::uint32_t most_layers = 512;  // LLAMA_MAX_LAYERS

// llama_model::create_memory (src/llama-model.cpp, v0.5.0, read on 2026-11-27), and the encoder of T5.
constexpr std::array<std::string_view, 15> without_memory = {
    "bert",     "jina-bert-v2", "jina-bert-v3", "nomic-bert", "nomic-bert-moe",
    "neo-bert", "eurobert",     "modern-bert",  "dream",      "wavtokenizer-dec",
    "llada",    "llada-moe",    "rnd1",         "t5encoder",  "gemma-embedding"};

class Metadata {
 public:
  explicit Metadata(const std::string& path) : file_(gguf_init_from_file(path.c_str(), {true, nullptr}), &gguf_free) {}

  std::string architecture() const {
    const std::int64_t at = find("general.architecture", GGUF_TYPE_STRING);
    return at < 0 ? std::string() : gguf_get_val_str(file_.get(), at);
  }
  std::optional<std::uint32_t> count(const std::string& key) const {
    const std::int64_t at = find(key, GGUF_TYPE_UINT32);
    if (at < 0) return std::nullopt;
    return gguf_get_val_u32(file_.get(), at);
  }
  std::optional<bool> flag(const std::string& key) const {
    const std::int64_t at = find(key, GGUF_TYPE_BOOL);
    if (at < 0) return std::nullopt;
    return gguf_get_val_bool(file_.get(), at);
  }
  std::optional<float> real(const std::string& key) const {
    const std::int64_t at = find(key, GGUF_TYPE_FLOAT32);
    if (at < 0) return std::nullopt;
    return gguf_get_val_f32(file_.get(), at);
  }

 private:
  /// Below 0 if there is no key of that type.
  std::int64_t find(const std::string& key, gguf_type type) const {
    const std::int64_t at = file_ ? gguf_find_key(file_.get(), key.c_str()) : -1;
    return at < 0 || gguf_get_kv_type(file_.get(), at) != type ? -1 : at;
  }

  std::unique_ptr<gguf_context, decltype(&gguf_free)> file_;
};

/// Reads what a GgufDescription has.
class Described {
 public:
  explicit Described(const std::string& path) : tensors_(nullptr, &ggml_free), file_(nullptr, &gguf_free) {
    ggml_context* tensors = nullptr;
    file_.reset(gguf_init_from_file(path.c_str(), {true, &tensors}));
    tensors_.reset(tensors);
  }

  bool is_open() const { return file_ != nullptr; }

  void add_to(GgufDescription& model) const {
    const std::int64_t name = gguf_find_key(file_.get(), "general.architecture");
    if (name >= 0 && gguf_get_kv_type(file_.get(), name) == GGUF_TYPE_STRING)
      model.architecture = gguf_get_val_str(file_.get(), name);
    const std::string prefix = model.architecture + ".";
    for (std::int64_t at = 0; at < gguf_get_n_kv(file_.get()); ++at) {
      const std::string_view key = gguf_get_key(file_.get(), at);
      if (!key.starts_with(prefix)) continue;
      if (const auto number = number_at(at)) model.numbers.emplace(key.substr(prefix.size()), *number);
    }
    for (const ggml_tensor* each = ggml_get_first_tensor(tensors_.get()); each != nullptr;
         each = ggml_get_next_tensor(tensors_.get(), const_cast<ggml_tensor*>(each)))
      model.tensors.emplace(each->name, std::vector<std::int64_t>(each->ne, each->ne + ggml_n_dims(each)));
  }

 private:
  template <class Number>
  static std::optional<std::int64_t> equal_number(const void* data, std::size_t count) {
    const auto* numbers = static_cast<const Number*>(data);
    if (count == 0 || !std::all_of(numbers, numbers + count, [&](Number each) { return each == *numbers; }))
      return std::nullopt;
    return *numbers;
  }

  std::optional<std::int64_t> number_at(std::int64_t at) const {
    const bool is_list = gguf_get_kv_type(file_.get(), at) == GGUF_TYPE_ARRAY;
    const gguf_type type = is_list ? gguf_get_arr_type(file_.get(), at) : gguf_get_kv_type(file_.get(), at);
    if (type != GGUF_TYPE_UINT32 && type != GGUF_TYPE_INT32) return std::nullopt;
    const void* data = is_list ? gguf_get_arr_data(file_.get(), at) : gguf_get_val_data(file_.get(), at);
    const std::size_t count = is_list ? gguf_get_arr_n(file_.get(), at) : 1;
    return type == GGUF_TYPE_UINT32 ? equal_number<std::uint32_t>(data, count)
                                    : equal_number<std::int32_t>(data, count);
  }

  std::unique_ptr<ggml_context, decltype(&ggml_free)> tensors_;
  std::unique_ptr<gguf_context, decltype(&gguf_free)> file_;
};

Error broken(const std::string& path, const std::string& key, const std::string& value) {
  return {ErrorKind::engine_failed, "model file '" + path + "' is broken: its " + key + " is " + value +
                                        "; fetch it again, or take another model"};
}

}  // namespace

Result<void> check_model_metadata(const std::string& path) {
  const Metadata file(path);
  const std::string architecture = file.architecture();
  const std::string layers = architecture + ".block_count";
  if (const auto count = file.count(layers); count && (*count == 0 || *count > most_layers))
    return broken(path, layers, std::to_string(*count));
  for (const char* name : {"layer_norm_rms_epsilon", "layer_norm_epsilon", "group_norm_epsilon"}) {
    const std::string key = architecture + ".attention." + name;
    const std::optional<float> epsilon = file.real(key);
    if (epsilon && !(std::isfinite(*epsilon) && *epsilon >= 0)) return broken(path, key, std::to_string(*epsilon));
  }
  const std::string pooling = architecture + ".pooling_type";
  if (const auto type = file.count(pooling); type && *type > LLAMA_POOLING_TYPE_RANK)
    return broken(path, pooling, std::to_string(*type));
  return {};
}

Capabilities projector_capabilities(const std::string& path) {
  const Metadata file(path);
  const bool sees = file.flag("clip.has_vision_encoder").value_or(false);
  const bool hears = file.flag("clip.has_audio_encoder").value_or(false);
  Capabilities found;
  if (!sees && !hears) return found;
  found.vision = sees;
  found.hearing = hears;
  return found;
}

bool ModelFacts::has_no_memory() const {
  return std::find(without_memory.begin(), without_memory.end(), architecture) != without_memory.end();
}

Result<GgufDescription> describe_model(const std::string& path) {
  GgufDescription model;
  for (const std::string& part : parts_of_model(path)) {
    const Described file(part);
    if (!file.is_open())
      return Error(ErrorKind::engine_failed, "model file '" + part + "' cannot be read any more: fetch it again");
    file.add_to(model);
  }
  return model;
}

ModelFacts model_facts(const std::string& path) {
  const Metadata file(path);
  ModelFacts facts;
  facts.architecture = file.architecture();
  facts.context_length = file.count(facts.architecture + ".context_length");
  facts.pooling = file.count(facts.architecture + ".pooling_type");
  facts.causal = file.flag(facts.architecture + ".attention.causal").value_or(true);
  for (const char* name : {".ssm.conv_kernel", ".ssm.state_size", ".wkv.head_size", ".shortconv.l_cache"})
    facts.has_state = facts.has_state || file.count(facts.architecture + name).has_value();
  return facts;
}

}  // namespace abstractllm
