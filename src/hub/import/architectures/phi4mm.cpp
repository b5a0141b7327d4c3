// SPDX-License-Identifier: Apache-2.0
// Phi-4-multimodal. The engine's converter does not know it. Sources, read 2026-11: modeling_phi4mm.py of
// huggingface.co/microsoft/Phi-4-multimodal-instruct; convert_phi4_multimodal_weights_to_hf.py of transformers 4.51,
// and its modeling_phi4_multimodal.py; architectures/phi3.cpp for the text model.
#include "hub/import/architectures/phi4mm.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "hub/import/adapter_base.hpp"
#include "hub/import/architectures/architectures.hpp"
#include "hub/import/import_adapter.hpp"
#include "hub/import/model_keys.hpp"

namespace abstractllm::phi4mm_import {
namespace {

constexpr std::string_view classes[] = {"Phi4MMForCausalLM", "Phi4MultimodalForCausalLM"};
// PEFT wraps each matrix that it adapts.
constexpr Rename suffixes[] = {{".base_layer.weight", ".weight"}};
constexpr std::string_view skipped[] = {
    "*.rotary_emb.inv_freq",  "model.embed_tokens_extend.*", "*.lora_A.vision.weight",
    "*.lora_B.vision.weight", "*.lora_A.speech.weight",      "*.lora_B.speech.weight",
};
constexpr std::uint32_t quantization_version = 2;  // GGML_QNT_VERSION of llama.cpp v0.5.0
constexpr std::int64_t most_rank = 1 << 16;

struct Mode {
  const char* name;
  const char* settings;
  const char* folder;
  LoraNames tensors;
};

constexpr Mode modes[] = {
    {"vision", "vision_lora", "vision-lora", {"", ".lora_A.vision.weight", ".lora_B.vision.weight", "", ""}},
    {"speech", "speech_lora", "speech-lora", {"", ".lora_A.speech.weight", ".lora_B.speech.weight", "", ""}},
};

Checkpoint tensors_of(const Mode& mode, const Checkpoint& checkpoint) {
  Checkpoint chosen;
  for (const CheckpointTensor& tensor : checkpoint.tensors)
    if (tensor.stored.name.ends_with(mode.tensors.a) || tensor.stored.name.ends_with(mode.tensors.b))
      chosen.tensors.push_back(tensor);
  return chosen;
}

/// An adapter that is not among the weights.
Result<void> add_saved_adapter(const Mode& mode, const ModelFolder& folder, ImportedCheckpoint& imported) {
  const ModelFolder saved(folder.path() / mode.folder);
  if (!is_adapter(saved)) return {};
  Result<GgufModel> adapter = import_adapter(saved, folder);
  if (!adapter) return adapter.error();
  imported.adapters.push_back({mode.name, std::move(*adapter)});
  return {};
}

Result<void> add_adapter(const Mode& mode, const AdapterBase& base, const Json& settings, const Checkpoint& checkpoint,
                         const ModelFolder& folder, ImportedCheckpoint& imported) {
  const Checkpoint tensors = tensors_of(mode, checkpoint);
  if (tensors.tensors.empty()) return add_saved_adapter(mode, folder, imported);
  ModelConfig config(settings, std::string("config.json: ") + mode.settings);
  const std::int64_t rank = config.integer("r", 1, most_rank);
  const double alpha = config.number("lora_alpha");
  if (!config.error() && alpha == 0) config.refuse(ErrorKind::engine_failed, "has a lora_alpha of 0");
  if (config.error()) return *config.error();
  const Result<std::vector<LoraPair>> pairs = lora_pairs(tensors, mode.tensors);
  if (!pairs) return pairs.error();
  NamedAdapter adapter{mode.name, {}};
  begin_adapter(base, model_name(folder) + "-" + mode.name, adapter.model);
  // PEFT divides by the rank of the settings, the engine by that of the tensors.
  const auto alpha_of = [alpha, rank](std::string_view, std::int64_t its_rank) {
    return alpha * static_cast<double>(its_rank) / static_cast<double>(rank);
  };
  if (Result<void> added = add_lora(base, *pairs, alpha_of, adapter.model); !added) return added;
  adapter.model.add("general.quantization_version", quantization_version);
  imported.adapters.push_back(std::move(adapter));
  return {};
}

void warn_encoders(const Checkpoint& checkpoint, std::vector<Warning>& warnings) {
  const auto has = [&checkpoint](std::string_view prefix) {
    for (const CheckpointTensor& tensor : checkpoint.tensors)
      if (tensor.stored.name.starts_with(prefix)) return true;
    return false;
  };
  if (has("model.embed_tokens_extend.image_embed."))
    warnings.push_back(
        {"import_vision",
         "the model cannot see here: it averages the patches of a picture's crops and joins them by learned "
         "separators, and no projector of the engine does both. Its text part is imported and answers without "
         "pictures. Its adapter for pictures, which `abstractllm import --json` names, applies only if --adapter asks "
         "for it"});
  if (has("model.embed_tokens_extend.audio_embed."))
    warnings.push_back(
        {"import_audio",
         "the model cannot hear here: the engine does not have its speech encoder. Its text part is "
         "imported and answers without sounds. Its adapter for speech, which `abstractllm import --json` "
         "names, applies only if --adapter asks for it"});
}

Architecture made_of_phi3() {
  Architecture made = phi3_import::phi3;
  made.classes = classes;
  made.suffixes = suffixes;
  made.skipped = skipped;
  return made;
}

}  // namespace

const Architecture phi4mm = made_of_phi3();

}  // namespace abstractllm::phi4mm_import

namespace abstractllm {

bool is_phi4mm(std::string_view class_name) {
  const auto& classes = phi4mm_import::classes;
  return std::find(std::begin(classes), std::end(classes), class_name) != std::end(classes);
}

Result<void> add_phi4mm_parts(const ModelFolder& folder, const Json& config, const Checkpoint& checkpoint,
                              const ModelSizes& sizes, ImportedCheckpoint& imported) {
  const AdapterBase base{phi4mm_import::phi4mm, sizes, true};
  for (const phi4mm_import::Mode& mode : phi4mm_import::modes) {
    const auto settings = config.find(mode.settings);
    const Json none;
    const Json& found = settings == config.end() ? none : *settings;
    if (Result<void> added = phi4mm_import::add_adapter(mode, base, found, checkpoint, folder, imported); !added)
      return added;
  }
  phi4mm_import::warn_encoders(checkpoint, imported.warnings);
  return {};
}

}  // namespace abstractllm
