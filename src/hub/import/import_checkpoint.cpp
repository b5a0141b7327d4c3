// SPDX-License-Identifier: Apache-2.0
#include "hub/import/import_checkpoint.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "hub/import/architecture.hpp"
#include "hub/import/checkpoint.hpp"
#include "hub/import/engine_name.hpp"
#include "hub/import/model_class.hpp"
#include "hub/import/model_keys.hpp"
#include "hub/import/model_parts.hpp"
#include "hub/import/model_tensors.hpp"
#include "hub/import/tokenizer.hpp"

namespace abstractllm {
namespace {

constexpr std::uint32_t quantization_version = 2;  // GGML_QNT_VERSION of llama.cpp v0.5.0
constexpr std::uint32_t assumed_pooling = 1;       // LLAMA_POOLING_TYPE_MEAN
constexpr std::uint32_t rank_pooling = 4;          // LLAMA_POOLING_TYPE_RANK

void add_pooling_rule(const Architecture& architecture, const ModelFolder& folder, ImportDraft& draft) {
  if (architecture.pooling == PoolingRule::rank) return draft.add("pooling_type", rank_pooling);
  if (add_pooling(folder, draft) || architecture.pooling == PoolingRule::as_stored) return;
  draft.add("pooling_type", assumed_pooling);
  draft.warnings.push_back({"import_pooling",
                            "the model does not say how to pool (no modules.json), so its vectors are "
                            "the mean of their tokens, as sentence-transformers assumes"});
}

Result<void> add_tokenizer(const ModelFolder& folder, const Json& config, ImportDraft& draft) {
  Result<std::vector<GgufEntry>> entries = read_tokenizer(folder, {config, draft.name, draft.sizes[Size::vocabulary]});
  if (!entries) return entries.error();
  const auto counts_types = [](const GgufEntry& entry) { return entry.key == "tokenizer.ggml.token_type_count"; };
  const bool has_count = std::any_of(entries->begin(), entries->end(), counts_types);
  std::move(entries->begin(), entries->end(), std::back_inserter(draft.model.entries));
  if (draft.sizes[Size::token_types] > 0 && !has_count)
    draft.model.add("tokenizer.ggml.token_type_count", static_cast<std::uint32_t>(draft.sizes[Size::token_types]));
  return {};
}

/// All of the model, into the draft. The order of keys is that of the engine's converter.
Result<void> fill(const Architecture& architecture, const ModelFolder& folder, const Checkpoint& checkpoint,
                  const Json& config, ImportDraft& draft) {
  read_sizes(architecture, draft);
  if (draft.config.error()) return *draft.config.error();
  GgufModel keys = std::exchange(draft.model, {});
  add_model_keys(architecture, draft);
  add_pooling_rule(architecture, folder, draft);
  if (draft.config.error()) return *draft.config.error();
  if (Result<void> added = add_tensors(architecture, checkpoint, draft); !added) return added;
  if (draft.config.error()) return *draft.config.error();
  keys.add("general.size_label", size_label(draft.model.tensors));
  std::move(draft.model.entries.begin(), draft.model.entries.end(), std::back_inserter(keys.entries));
  draft.model.entries = std::move(keys.entries);
  draft.model.add("general.file_type", file_type(draft.model.tensors));
  draft.model.add("general.quantization_version", quantization_version);
  return add_tokenizer(folder, config, draft);
}

}  // namespace

Result<ImportedCheckpoint> import_checkpoint(const ModelFolder& folder) {
  if constexpr (std::endian::native != std::endian::little)
    return Error(ErrorKind::unsupported, "models are imported on little-endian machines only");
  const Result<Json> whole = folder.json("config.json");
  if (!whole) {
    // An adapter or a pickle file explains a missing configuration better.
    const Result<Checkpoint> checkpoint = open_checkpoint(folder);
    return !checkpoint && checkpoint.error().kind == ErrorKind::unsupported ? checkpoint.error() : whole.error();
  }
  const Result<ModelClass> model_class = class_of(*whole);
  if (!model_class) return model_class.error();
  const Architecture& architecture = model_class->architecture;
  Result<Checkpoint> checkpoint = open_checkpoint(folder);
  if (!checkpoint) return checkpoint.error();
  ImportedCheckpoint imported;
  imported.warnings = std::move(checkpoint->warnings);
  const Checkpoint tower = model_class->vision == nullptr ? Checkpoint() : take_vision_tensors(*checkpoint);
  ModelConfig config(model_class->settings, "config.json", architecture.defaults, architecture.aliases);
  ModelSizes sizes;
  ImportDraft draft{config, sizes, imported.model, imported.warnings, model_class->name, architecture.name};
  imported.model.add("general.architecture", std::string(architecture.name));
  imported.model.add("general.type", std::string("model"));
  add_sampling(folder, imported.model, imported.warnings);
  Result<std::string> name = engine_name(folder, model_name(folder), imported.warnings);
  if (!name) return name.error();
  imported.model.add("general.name", *std::move(name));
  if (Result<void> filled = fill(architecture, folder, *checkpoint, model_class->settings, draft); !filled)
    return filled.error();
  if (Result<void> added = add_parts(*model_class, folder, *whole, *checkpoint, tower, sizes, imported); !added)
    return added.error();
  return imported;
}

}  // namespace abstractllm
