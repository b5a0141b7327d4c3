// SPDX-License-Identifier: Apache-2.0
#include "hub/checkpoint_files.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "base/json.hpp"
#include "hub/safe_path.hpp"

namespace abstractllm {
namespace {

constexpr std::string_view config_name = "config.json";
constexpr std::string_view weights_name = "model.safetensors";
constexpr std::string_view weights_ending = ".safetensors";
constexpr std::size_t most_weight_files = 10'000;

// What a reader may need besides the weights.
constexpr std::array<std::string_view, 19> small_names = {config_name,
                                                          "generation_config.json",
                                                          "tokenizer.json",
                                                          "tokenizer_config.json",
                                                          "tokenizer.model",
                                                          "special_tokens_map.json",
                                                          "added_tokens.json",
                                                          "vocab.json",
                                                          "merges.txt",
                                                          "vocab.txt",
                                                          "preprocessor_config.json",
                                                          "processor_config.json",
                                                          "modules.json",
                                                          "sentence_bert_config.json",
                                                          "config_sentence_transformers.json",
                                                          "1_Pooling/config.json",
                                                          "speech-lora/adapter_config.json",
                                                          "vision-lora/adapter_config.json",
                                                          checkpoint_index};
// The adapters that microsoft/Phi-4-multimodal-instruct brings with its base model.
constexpr std::array<std::string_view, 2> adapter_names = {"speech-lora/adapter_model.safetensors",
                                                           "vision-lora/adapter_model.safetensors"};
constexpr std::array<std::string_view, 6> pickle_name_endings = {".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle"};

template <class Names>
bool is_among(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_chat_template(std::string_view path) {
  constexpr std::string_view folder = "additional_chat_templates/";
  if (path.starts_with(folder)) return path.ends_with(".jinja") && path.find('/', folder.size()) == path.npos;
  return path.starts_with("chat_template") && path.find('/') == path.npos;
}

bool is_small(std::string_view path) { return is_among(small_names, path) || is_chat_template(path); }

}  // namespace

std::optional<CheckpointFiles> choose_checkpoint(const std::vector<std::string>& paths) {
  CheckpointFiles files;
  bool has_config = false;
  for (const std::string& path : paths) {
    if (is_small(path)) files.small.push_back(path);
    has_config = has_config || path == config_name;
    files.has_index = files.has_index || path == checkpoint_index;
    if (path == weights_name || is_among(adapter_names, path)) files.weights.push_back(path);
  }
  const bool has_weights = is_among(files.weights, weights_name);
  // model.safetensors wins over an index, as in transformers.
  if (has_weights) {
    std::erase(files.small, checkpoint_index);
    files.has_index = false;
  }
  if (!has_config || (!has_weights && !files.has_index)) return std::nullopt;
  return files;
}

Result<std::vector<std::string>> weights_of_index(std::string_view json) {
  const auto wrong = [](const std::string& what) {
    return Error(ErrorKind::engine_failed, "'" + std::string(checkpoint_index) + "' " + what);
  };
  const auto index = parse_json(json, checkpoint_index);
  if (!index) return wrong("is not JSON: " + index.error().message);
  const auto map = index->is_object() ? index->find("weight_map") : index->end();
  if (!index->is_object() || map == index->end() || !map->is_object() || map->empty())
    return wrong("has no weight_map");
  std::set<std::string> names;
  for (const auto& [tensor, file] : map->items()) {
    const std::string name = file.is_string() ? file.get<std::string>() : std::string();
    if (!is_safe_path(name) || !name.ends_with(weights_ending))
      return wrong("gives tensor '" + tensor + "' a file that is not a .safetensors file of the repository");
    names.insert(name);
    if (names.size() > most_weight_files) return wrong("names too many files");
  }
  return std::vector<std::string>(names.begin(), names.end());
}

bool is_pickle_name(std::string_view path) {
  return std::any_of(pickle_name_endings.begin(), pickle_name_endings.end(),
                     [&](std::string_view ending) { return path.ends_with(ending); });
}

bool is_checkpoint_name(std::string_view path) {
  const bool is_shard = path.ends_with(weights_ending) && path.find('/') == path.npos;
  return is_shard || is_small(path) || is_among(adapter_names, path);
}

}  // namespace abstractllm
