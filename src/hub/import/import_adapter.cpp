// SPDX-License-Identifier: Apache-2.0
#include "hub/import/import_adapter.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "base/utf8.hpp"
#include "hub/import/checkpoint.hpp"
#include "hub/import/model_class.hpp"
#include "hub/import/model_keys.hpp"
#include "hub/import/tensor_names.hpp"
#include "hub/import/tensor_reader.hpp"

namespace abstractllm {
namespace {

constexpr std::string_view adapter_prefix = "base_model.model.";
constexpr std::string_view first_ending = ".lora_A.weight";
constexpr std::string_view second_ending = ".lora_B.weight";
constexpr std::size_t most_adapter_name_bytes = 100;
constexpr std::int64_t most_rank = 1 << 16;

/// The two factors of a change: second × first is added to the weight.
struct Factors {
  const CheckpointTensor* first = nullptr;   ///< rank × columns
  const CheckpointTensor* second = nullptr;  ///< rows × rank
};

constexpr FixedSetting adapter_settings[] = {
    {"peft_type", {"\"LORA\""}},
    {"use_dora", {"false"}},
    {"lora_bias", {"false"}},
    {"bias", {"\"none\""}},
    {"modules_to_save", {"[]"}},
    {"alpha_pattern", {"{}"}},
    {"layer_replication", {"[]"}},
    {"trainable_token_indices", {"[]", "{}"}},
    {"alora_invocation_tokens", {"[]"}},
    {"use_qalora", {"false"}},
    {"target_parameters", {"[]"}},
};

std::string shown_tensor(const CheckpointTensor& tensor) {
  return "tensor '" + escaped_start(tensor.stored.name, most_adapter_name_bytes) + "' of the adapter";
}

/// alpha as the engine takes it: it divides by the rank.
Result<double> read_alpha(const Json& settings) {
  ModelConfig config(settings, "adapter_config.json");
  for (const FixedSetting& fixed : adapter_settings) {
    const Json* stored = config.find(fixed.name);
    if (stored == nullptr) continue;
    const std::string text = dump_json(*stored);
    if (std::find(fixed.values.begin(), fixed.values.end(), text) == fixed.values.end())
      config.refuse(ErrorKind::unsupported, "has '" + std::string(fixed.name) + "' " +
                                                escaped_start(text, most_adapter_name_bytes) +
                                                ", which the engine lacks");
  }
  const double alpha = config.number("lora_alpha");
  const std::int64_t rank = config.integer("r", 1, most_rank);
  const bool by_root = config.flag("use_rslora");
  const Json* ranks = config.find("rank_pattern");
  if (by_root && ranks != nullptr && !ranks->empty())
    config.refuse(ErrorKind::unsupported, "has use_rslora with a rank_pattern, which the engine lacks");
  if (config.error()) return *config.error();
  return by_root ? alpha * std::sqrt(static_cast<double>(rank)) : alpha;
}

/// The factors by the name of the weight that they change, as the tables have it.
Result<std::map<std::string, Factors>> pair_up(const Architecture& architecture, const Checkpoint& checkpoint) {
  std::map<std::string, Factors> pairs;
  for (const CheckpointTensor& tensor : checkpoint.tensors) {
    std::string_view name = tensor.stored.name;
    const bool is_first = name.ends_with(first_ending);
    if (!name.starts_with(adapter_prefix) || !(is_first || name.ends_with(second_ending))) {
      return Error(ErrorKind::unsupported, shown_tensor(tensor) +
                                               " is no factor of a matrix (….lora_A.weight, ….lora_B.weight); the "
                                               "engine has no other adapters");
    }
    name.remove_prefix(adapter_prefix.size());
    name.remove_suffix(first_ending.size());
    Factors& factors = pairs[table_name(architecture, std::string(name) + ".weight")];
    const CheckpointTensor*& place = is_first ? factors.first : factors.second;
    if (place != nullptr) return Error(ErrorKind::engine_failed, shown_tensor(tensor) + " is there twice");
    place = &tensor;
  }
  return pairs;
}

Result<void> check_factors(const std::string& name, const Factors& factors, std::int64_t rows, std::int64_t columns) {
  if (factors.first == nullptr || factors.second == nullptr) {
    return Error(ErrorKind::engine_failed,
                 "the adapter has only one of the two factors for '" + name + "'; fetch it again");
  }
  const std::vector<std::int64_t>& first = factors.first->stored.shape;
  const std::vector<std::int64_t>& second = factors.second->stored.shape;
  if (first.size() != 2 || second.size() != 2 || first[0] != second[1] || first[0] < 1 || first[0] > most_rank ||
      first[1] != columns || second[0] != rows) {
    return Error(ErrorKind::engine_failed, shown_tensor(*factors.first) + " does not fit the base model's matrix of " +
                                               std::to_string(rows) + " × " + std::to_string(columns) +
                                               "; it may be for another model");
  }
  for (const CheckpointTensor* each : {factors.first, factors.second})
    if (!importable_type(each->stored.type))
      return Error(ErrorKind::unsupported, shown_tensor(*each) + " has values of type " + each->stored.type);
  return {};
}

void add_factor(GgufModel& model, std::string name, const CheckpointTensor& tensor, Transform change,
                std::int64_t head_rows) {
  auto plan = std::make_shared<TensorPlan>();
  const StoredTensor& stored = tensor.stored;
  plan->stored_type = plan->type = *importable_type(stored.type);
  plan->parts.push_back({tensor.file, stored.offset, stored.bytes, stored.name});
  plan->change = change;
  plan->rows = stored.shape[0];
  plan->columns = stored.shape[1];
  plan->head_rows = head_rows;
  model.tensors.push_back(
      {std::move(name), plan->type, {stored.shape[1], stored.shape[0]}, [plan](std::span<std::byte> buffer) {
         return read_tensor(*plan, buffer);
       }});
}

/// Adds the factors of one matrix, if the adapter has them.
Result<void> add_row(const TensorRow& row, std::int64_t block, const ImportDraft& draft,
                     std::map<std::string, Factors>& pairs) {
  const auto found = pairs.find(numbered(row.source, "{}", block));
  if (found == pairs.end()) return {};
  // PEFT factors a Conv1D as if it were not transposed.
  const bool transposed = row.transform == Transform::transpose;
  const bool interleaved = row.transform == Transform::interleave_query || row.transform == Transform::interleave_key;
  if (row.shape[1] == Size::unused || row.shape[2] != Size::unused ||
      !(transposed || interleaved || row.transform == Transform::keep) || row.source == "model.embed_tokens.weight")
    return Error(ErrorKind::unsupported, "the adapter changes '" + found->first + "', which the engine cannot");
  const std::int64_t rows = draft.sizes[row.shape[transposed ? 1 : 0]];
  const std::int64_t columns = draft.sizes[row.shape[transposed ? 0 : 1]];
  const Factors factors = found->second;
  if (Result<void> checked = check_factors(found->first, factors, rows, columns); !checked) return checked;
  pairs.erase(found);
  const std::string target = numbered(row.target, "{}", block);
  add_factor(draft.model, target + ".lora_a", *factors.first, Transform::keep, 0);
  add_factor(draft.model, target + ".lora_b", *factors.second, interleaved ? row.transform : Transform::keep,
             draft.sizes[Size::head]);
  return {};
}

Result<void> add_factors(const Architecture& architecture, const Checkpoint& checkpoint, const ImportDraft& draft) {
  Result<std::map<std::string, Factors>> pairs = pair_up(architecture, checkpoint);
  if (!pairs) return pairs.error();
  if (pairs->empty()) return Error(ErrorKind::engine_failed, "the adapter has no tensors");
  for (std::int64_t block = 0; block < draft.sizes[Size::blocks]; ++block)
    for (const TensorRow& row : architecture.tensors)
      if (is_per_block(row) || block == 0)
        if (Result<void> added = add_row(row, block, draft, *pairs); !added) return added;
  if (pairs->empty()) return {};
  return Error(ErrorKind::engine_failed, "the adapter changes '" +
                                             escaped_start(pairs->begin()->first, most_adapter_name_bytes) +
                                             "', which its base model does not have; it may be for another model");
}

}  // namespace

Result<GgufModel> import_adapter(const ModelFolder& adapter, const ModelFolder& base) {
  const Result<Json> adapter_config = adapter.json("adapter_config.json");
  if (!adapter_config) return adapter_config.error();
  const Result<double> alpha = read_alpha(*adapter_config);
  if (!alpha) return alpha.error();
  const Result<Json> base_config = base.json("config.json");
  if (!base_config) return base_config.error();
  const Result<ModelClass> model_class = class_of(*base_config);
  if (!model_class) return model_class.error();
  const auto& [architecture, class_name, settings] = *model_class;
  const Result<Checkpoint> checkpoint = open_checkpoint_file(adapter, "adapter_model.safetensors");
  if (!checkpoint) return checkpoint.error();
  ModelConfig config(settings, "config.json of the base model", architecture->defaults, architecture->aliases);
  ModelSizes sizes;
  GgufModel model;
  std::vector<Warning> warnings;
  ImportDraft draft{config, sizes, model, warnings, class_name, architecture->name};
  read_sizes(*architecture, draft);
  if (config.error()) return *config.error();
  model.add("general.architecture", std::string(architecture->name));
  model.add("general.type", std::string("adapter"));
  model.add("general.name", model_name(adapter));
  model.add("adapter.type", std::string("lora"));
  model.add("adapter.lora.alpha", static_cast<float>(*alpha));
  if (Result<void> added = add_factors(*architecture, *checkpoint, draft); !added) return added.error();
  model.add("general.file_type", file_type(model.tensors));
  return model;
}

}  // namespace abstractllm
