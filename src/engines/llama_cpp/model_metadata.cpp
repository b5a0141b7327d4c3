// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/model_metadata.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "engines/llama_cpp/gguf_metadata.hpp"

namespace abstractllm {
namespace {

// llama_model::create_memory (src/llama-model.cpp, v0.5.0, read on 2026-11-27), and the encoder of T5.
constexpr std::array<std::string_view, 15> without_memory = {
    "bert",     "jina-bert-v2", "jina-bert-v3", "nomic-bert", "nomic-bert-moe",
    "neo-bert", "eurobert",     "modern-bert",  "dream",      "wavtokenizer-dec",
    "llada",    "llada-moe",    "rnd1",         "t5encoder",  "gemma-embedding"};

}  // namespace

Capabilities projector_capabilities(const std::string& path) {
  const GgufMetadata file(path);
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
  const GgufMetadata file(path);
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
