// SPDX-License-Identifier: Apache-2.0
#include "hub/import/model_class.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/utf8.hpp"
#include "hub/import/import_checkpoint.hpp"

namespace abstractllm {
namespace {

constexpr std::size_t most_class_bytes = 80;

Error unknown_architecture(const std::string& what) {
  std::string known;
  for (const std::string& name : importable_architectures()) known += (known.empty() ? "" : ", ") + name;
  return {ErrorKind::unsupported, "config.json names " + what + ", which is not imported; these are: " + known};
}

/// The class of the model, as config.json names it.
Result<std::string> class_name_of(const Json& config) {
  const auto found = config.is_object() ? config.find("architectures") : config.end();
  if (found == config.end() || !found->is_array() || found->empty() || !found->front().is_string())
    return unknown_architecture("no architecture");
  return found->front().get<std::string>();
}

/// The configuration of the text part, with what only the whole one says.
Json text_config(const Json& config) {
  const auto nested = config.find("text_config");
  if (nested == config.end() || !nested->is_object()) return config;
  Json merged = *nested;
  std::unordered_set<std::string> names;
  for (const auto& [name, value] : nested->get_ref<const Json::object_t&>()) names.insert(name);
  for (const auto& [name, value] : config.get_ref<const Json::object_t&>())
    if (name != "text_config" && names.insert(name).second) merged.get_ref<Json::object_t&>().emplace_back(name, value);
  return merged;
}

Result<void> refuse_quantized(const Json& config) {
  const auto found = config.find("quantization_config");
  if (found == config.end() || found->is_null()) return {};
  return Error(ErrorKind::unsupported,
               "the weights are already quantised (config.json: 'quantization_config'), and only "
               "F32, F16 and BF16 are imported. Use the repository with the original weights, "
               "or one with .gguf files");
}

}  // namespace

std::vector<std::string> importable_architectures() {
  std::vector<std::string> names;
  for (const Architecture* each : architectures())
    for (const std::string_view name : each->classes) names.emplace_back(name);
  for (std::string& name : vision_model_classes()) names.push_back(std::move(name));
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

Result<ModelClass> class_of(const Json& config) {
  Result<std::string> class_name = class_name_of(config);
  if (!class_name) return class_name.error();
  ModelClass read;
  read.vision = find_vision_model(*class_name);
  if (read.vision != nullptr) {
    Result<TextPart> part = text_part(config);
    if (!part) return part.error();
    read.name = part->class_name;
    read.defaults = std::move(part->defaults);  // where part->architecture.defaults still points to
    read.architecture = part->architecture;
  } else if (const Architecture* known = find_architecture(*class_name); known != nullptr) {
    read.name = std::move(*class_name);
    read.architecture = *known;
  } else {
    return unknown_architecture("the architecture '" + escaped_start(*class_name, most_class_bytes) + "'");
  }
  if (Result<void> checked = refuse_quantized(config); !checked) return checked.error();
  read.settings = text_config(config);
  return read;
}

}  // namespace abstractllm
