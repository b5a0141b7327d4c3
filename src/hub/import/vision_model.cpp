// SPDX-License-Identifier: Apache-2.0
// Sources, read 2026-11: modeling_llava.py, modeling_gemma3.py, modeling_idefics3.py, modeling_smolvlm.py and the
// configuration_*.py of transformers 4.57 and 5.24; conversion/gemma.py and conversion/smolvlm.py of llama.cpp v0.5.0.
#include "hub/import/vision_model.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/utf8.hpp"

namespace abstractllm::vision_models {
namespace {

constexpr VisionModel models[] = {
    {"Gemma3ForConditionalGeneration", ProjectorForm::gemma3},
    {"Idefics3ForConditionalGeneration", ProjectorForm::idefics3},
    {"LlavaForConditionalGeneration", ProjectorForm::llava},
    {"LlavaNextForConditionalGeneration", ProjectorForm::none},
    {"LlavaOnevisionForConditionalGeneration", ProjectorForm::none},
    {"Mistral3ForConditionalGeneration", ProjectorForm::none},
    {"SmolVLMForConditionalGeneration", ProjectorForm::idefics3},
};

struct TextModel {
  std::string_view model_type;
  std::string_view class_name;
  std::span<const SettingDefault> defaults;
};

// Configurations of whole models leave out what their text model assumes anyway.
constexpr SettingDefault llama_defaults[] = {{"vocab_size", 32'000},        {"hidden_size", 4096},
                                             {"intermediate_size", 11'008}, {"num_hidden_layers", 32},
                                             {"num_attention_heads", 32},   {"max_position_embeddings", 2048}};
constexpr SettingDefault mistral_defaults[] = {{"vocab_size", 32'000},        {"hidden_size", 4096},
                                               {"intermediate_size", 14'336}, {"num_hidden_layers", 32},
                                               {"num_attention_heads", 32},   {"max_position_embeddings", 131'072},
                                               {"num_key_value_heads", 8}};
constexpr SettingDefault qwen_defaults[] = {{"vocab_size", 151'936},       {"hidden_size", 4096},
                                            {"intermediate_size", 22'016}, {"num_hidden_layers", 32},
                                            {"num_attention_heads", 32},   {"max_position_embeddings", 32'768}};

constexpr TextModel text_models[] = {
    {"llama", "LlamaForCausalLM", llama_defaults},
    {"mistral", "MistralForCausalLM", mistral_defaults},
    {"qwen2", "Qwen2ForCausalLM", qwen_defaults},
    {"qwen3", "Qwen3ForCausalLM", qwen_defaults},
    {"gemma", "GemmaForCausalLM", {}},
    {"gemma2", "Gemma2ForCausalLM", {}},
    {"gemma3_text", "Gemma3ForCausalLM", {}},
    {"phi3", "Phi3ForCausalLM", {}},
};

constexpr Rename text_names[] = {
    {"model.language_model.model.", "model."}, {"model.language_model.lm_head.", "lm_head."},
    {"model.language_model.", "model."},       {"language_model.model.", "model."},
    {"language_model.lm_head.", "lm_head."},   {"model.text_model.", "model."},
};

constexpr Rename vision_names[] = {
    {"model.vision_tower.vision_model.", "vision."},
    {"vision_tower.vision_model.", "vision."},
    {"model.vision_tower.", "vision."},
    {"vision_tower.", "vision."},
    {"model.vision_model.", "vision."},
    {"model.multi_modal_projector.", "projector."},
    {"multi_modal_projector.", "projector."},
    {"model.connector.", "projector."},
    {"model.image_newline", "projector.image_newline"},
    {"image_newline", "projector.image_newline"},
};

constexpr std::size_t most_quoted_bytes = 60;

}  // namespace
}  // namespace abstractllm::vision_models

namespace abstractllm {

const VisionModel* find_vision_model(std::string_view class_name) {
  const auto* found = std::find_if(std::begin(vision_models::models), std::end(vision_models::models),
                                   [class_name](const VisionModel& each) { return each.class_name == class_name; });
  return found == std::end(vision_models::models) ? nullptr : found;
}

std::vector<std::string> vision_model_classes() {
  std::vector<std::string> classes;
  for (const VisionModel& each : vision_models::models) classes.emplace_back(each.class_name);
  return classes;
}

std::span<const Rename> text_names_of_vision_models() { return vision_models::text_names; }

Result<TextPart> text_part(const Json& config) {
  const auto nested = config.find("text_config");
  if (nested == config.end() || !nested->is_object())
    return Error(ErrorKind::engine_failed, "config.json of a model that sees lacks 'text_config'");
  const auto stored = nested->find("model_type");
  const bool has_type = stored != nested->end() && stored->is_string();
  const std::string type = has_type ? stored->get<std::string>() : "llama";  // as LlavaConfig assumes
  for (const vision_models::TextModel& model : vision_models::text_models) {
    if (model.model_type != type) continue;
    TextPart part{model.class_name, *find_architecture(model.class_name), {}};
    const std::span<const SettingDefault> own = part.architecture.defaults;
    part.defaults.assign(model.defaults.begin(), model.defaults.end());
    part.defaults.insert(part.defaults.end(), own.begin(), own.end());
    part.architecture.defaults = part.defaults;
    part.architecture.prefixes = vision_models::text_names;
    return part;
  }
  return Error(ErrorKind::unsupported, "config.json names the text model '" +
                                           escaped_start(type, vision_models::most_quoted_bytes) +
                                           "' (text_config.model_type), which is not imported. Use a repository with "
                                           ".gguf files");
}

Checkpoint take_vision_tensors(Checkpoint& checkpoint) {
  Checkpoint taken;
  std::vector<CheckpointTensor> kept;
  for (CheckpointTensor& tensor : checkpoint.tensors) {
    const auto fits = [&tensor](const Rename& each) { return tensor.stored.name.starts_with(each.from); };
    const auto* rename =
        std::find_if(std::begin(vision_models::vision_names), std::end(vision_models::vision_names), fits);
    if (rename == std::end(vision_models::vision_names)) {
      kept.push_back(std::move(tensor));
      continue;
    }
    tensor.stored.name.replace(0, rename->from.size(), rename->to);
    taken.tensors.push_back(std::move(tensor));
  }
  checkpoint.tensors = std::move(kept);
  return taken;
}

}  // namespace abstractllm
