// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/model_metadata.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

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
