// SPDX-License-Identifier: Apache-2.0
#include "hub/import/adapter_base.hpp"

#include <algorithm>

#include "base/utf8.hpp"
#include "hub/import/model_class.hpp"
#include "hub/import/model_keys.hpp"

namespace abstractllm {
namespace {

constexpr std::int64_t most_base_size = std::int64_t{1} << 31;
constexpr std::size_t most_architecture_bytes = 60;

/// Where a size is in a GGUF file. Keys: gguf-py/gguf/constants.py of llama.cpp v0.5.0, read 2026-11.
struct BaseSize {
  Size size;
  const char* key;
};

constexpr BaseSize base_sizes[] = {
    {Size::embedding, "embedding_length"}, {Size::feed_forward, "feed_forward_length"}, {Size::blocks, "block_count"},
    {Size::heads, "attention.head_count"}, {Size::positions, "context_length"},
};

/// 0 if there is none that can be used.
std::int64_t base_number(const GgufDescription& model, const std::string& key) {
  const auto found = model.numbers.find(key);
  return found == model.numbers.end() || found->second < 1 || found->second >= most_base_size ? 0 : found->second;
}

Error base_lacks(const GgufDescription& model, const std::string& what) {
  return {ErrorKind::engine_failed,
          "the model's file does not say '" + model.architecture + "." + what +
              "', so a PEFT adapter cannot be fitted to it: convert the adapter with convert_lora_to_gguf.py of "
              "llama.cpp, and use the .gguf file"};
}

Result<ModelSizes> base_sizes_of(const GgufDescription& model) {
  ModelSizes sizes;
  for (const BaseSize& each : base_sizes) {
    sizes[each.size] = base_number(model, each.key);
    if (sizes[each.size] == 0) return base_lacks(model, each.key);
  }
  const auto table = model.tensors.find("token_embd.weight");
  if (table == model.tensors.end() || table->second.size() < 2) return base_lacks(model, "vocab_size");
  sizes[Size::vocabulary] = table->second[1];
  sizes[Size::context] = sizes[Size::positions];
  const std::int64_t key_heads = base_number(model, "attention.head_count_kv");
  sizes[Size::key_heads] = key_heads == 0 ? sizes[Size::heads] : key_heads;
  const std::int64_t head = base_number(model, "attention.key_length");
  sizes[Size::head] = head == 0 ? sizes[Size::embedding] / sizes[Size::heads] : head;
  sizes[Size::experts] = base_number(model, "expert_count");
  sizes[Size::feed_forward_2] = 2 * sizes[Size::feed_forward];
  sizes[Size::query_rows] = sizes[Size::heads] * sizes[Size::head];
  sizes[Size::key_rows] = sizes[Size::key_heads] * sizes[Size::head];
  sizes[Size::query_key_value_rows] = sizes[Size::query_rows] + 2 * sizes[Size::key_rows];
  return sizes;
}

Error no_such_architecture(const GgufDescription& model) {
  std::vector<std::string_view> names;
  for (const Architecture* each : architectures()) names.push_back(each->name);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::string known;
  for (const std::string_view name : names) (known += known.empty() ? "" : ", ") += name;
  return {ErrorKind::unsupported,
          "the model has the architecture '" + escaped_start(model.architecture, most_architecture_bytes) +
              "', and PEFT adapters are imported for " + known +
              ": convert the adapter with convert_lora_to_gguf.py of llama.cpp, and use the .gguf file"};
}

}  // namespace

Result<std::vector<AdapterBase>> adapter_bases(const GgufDescription& model) {
  std::vector<AdapterBase> bases;
  for (const Architecture* each : architectures()) {
    if (each->name != model.architecture) continue;
    const Result<ModelSizes> sizes = base_sizes_of(model);
    if (!sizes) return sizes.error();
    const bool is_tied = model.tensors.count("output.weight") == 0;
    bases.push_back({*each, *sizes, is_tied});
    bases.push_back({*each, *sizes, is_tied});
    bases.back().architecture.prefixes = text_names_of_vision_models();
  }
  if (bases.empty()) return no_such_architecture(model);
  return bases;
}

Result<AdapterBase> read_adapter_base(const ModelFolder& folder) {
  const Result<Json> whole = folder.json("config.json");
  if (!whole) return whole.error();
  const Result<ModelClass> model = class_of(*whole);
  if (!model) return model.error();
  const Architecture& architecture = model->architecture;
  ModelConfig config(model->settings, "config.json", architecture.defaults, architecture.aliases);
  AdapterBase base{architecture, {}, false};
  GgufModel none;
  std::vector<Warning> warnings;
  ImportDraft draft{config, base.sizes, none, warnings, model->name, architecture.name};
  read_sizes(architecture, draft);
  base.tied = config.flag("tie_word_embeddings");
  if (config.error()) return *config.error();
  return base;
}

void begin_adapter(const AdapterBase& base, const std::string& name, GgufModel& model) {
  model.add("general.architecture", std::string(base.architecture.name));
  model.add("general.type", std::string("adapter"));
  model.add("adapter.type", std::string("lora"));
  model.add("general.name", name);
}

}  // namespace abstractllm
