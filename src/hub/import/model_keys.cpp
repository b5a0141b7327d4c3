// SPDX-License-Identifier: Apache-2.0
#include "hub/import/model_keys.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>

#include "base/utf8.hpp"

namespace abstractllm {
namespace {

constexpr std::int64_t most_size = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t most_width = std::int64_t{1} << 24;
constexpr std::int64_t most_blocks = 512;    // LLAMA_MAX_LAYERS of llama.cpp v0.5.0
constexpr std::int64_t most_experts = 1024;  // LLAMA_MAX_EXPERTS
constexpr std::size_t most_setting_bytes = 60;

/// A size that not every architecture has: 0 without a value and a default.
std::int64_t optional_size(ModelConfig& config, std::string_view name, std::int64_t most) {
  return config.knows(name) ? config.integer(name, 1, most) : 0;
}

void check_fixed(const Architecture& architecture, ModelConfig& config) {
  for (const FixedSetting& fixed : architecture.fixed) {
    const Json* stored = config.find(fixed.name);
    if (stored == nullptr) continue;
    const std::string text = dump_json(*stored);
    if (std::find(fixed.values.begin(), fixed.values.end(), text) != fixed.values.end()) continue;
    config.refuse(ErrorKind::unsupported, "has '" + std::string(fixed.name) + "' " +
                                              escaped_start(text, most_setting_bytes) + "; the engine has only " +
                                              std::string(fixed.values[0]) + " for " + std::string(architecture.name));
  }
}

void read_heads(const Architecture& architecture, ModelConfig& config, ModelSizes& sizes) {
  sizes[Size::heads] = config.integer("num_attention_heads", 1, most_width);
  const std::int64_t key_heads = optional_size(config, "num_key_value_heads", most_width);
  sizes[Size::key_heads] = key_heads == 0 ? sizes[Size::heads] : key_heads;
  const std::int64_t head = optional_size(config, "head_dim", most_width);
  sizes[Size::head] = head == 0 ? sizes[Size::embedding] / sizes[Size::heads] : head;
  if (config.error()) return;
  if (sizes[Size::heads] % sizes[Size::key_heads] != 0)
    config.refuse(ErrorKind::engine_failed, "has num_attention_heads that is no multiple of num_key_value_heads");
  if (head == 0 && sizes[Size::embedding] % sizes[Size::heads] != 0)
    config.refuse(ErrorKind::engine_failed, "has hidden_size that is no multiple of num_attention_heads");
  sizes[Size::query_rows] = sizes[Size::heads] * sizes[Size::head];
  sizes[Size::key_rows] = sizes[Size::key_heads] * sizes[Size::head];
  sizes[Size::query_key_value_rows] = sizes[Size::query_rows] + 2 * sizes[Size::key_rows];
  if (architecture.square_heads && sizes[Size::query_rows] != sizes[Size::embedding])
    config.refuse(ErrorKind::unsupported,
                  "has a head_dim that is not hidden_size / num_attention_heads, which the "
                  "engine lacks for " +
                      std::string(architecture.name));
}

struct SamplingRow {
  std::string_view setting;
  std::string_view key;
  bool integer;
  std::int64_t least = -1;
  std::int64_t most = most_size;
};

constexpr SamplingRow sampling_rows[] = {
    {"top_k", "top_k", true},
    {"top_p", "top_p", false},
    {"min_p", "min_p", false},
    {"xtc_probability", "xtc_probability", false},
    {"xtc_threshold", "xtc_threshold", false},
    {"temperature", "temp", false},
    {"penalty_last_n", "penalty_last_n", true, -1, 1 << 20},
    {"penalty_repeat", "penalty_repeat", false},
    {"mirostat", "mirostat", true, 0, 2},
    {"mirostat_tau", "mirostat_tau", false},
    {"mirostat_eta", "mirostat_eta", false},
};
constexpr SettingAlias sampling_aliases[] = {{"penalty_repeat", "repetition_penalty"}};

enum PoolingType : std::uint32_t { mean_pooling = 1, cls_pooling = 2, last_pooling = 3 };  // llama_pooling_type

struct PoolingMode {
  std::string_view flag;  ///< up to sentence-transformers 5
  std::string_view mode;  ///< since then
  std::uint32_t type;     ///< 0: not in the engine
};

constexpr PoolingMode pooling_modes[] = {
    {"pooling_mode_mean_tokens", "mean", mean_pooling},
    {"pooling_mode_cls_token", "cls", cls_pooling},
    {"pooling_mode_lasttoken", "lasttoken", last_pooling},
    {"pooling_mode_max_tokens", "max", 0},
    {"pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens", 0},
    {"pooling_mode_weightedmean_tokens", "weightedmean", 0},
};

/// What modules do to a vector that the engine computed: nothing, or what our caller does anyway.
constexpr std::string_view harmless_modules[] = {"Transformer", "Pooling", "Normalize", "Dropout"};

std::string_view text_at_key(const Json& object, const char* name) {
  if (!object.is_object()) return {};
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return {};
  return found->get_ref<const std::string&>();
}

void read_pooling(const Json& pooling, ImportDraft& draft, const std::string& file) {
  ModelConfig settings(pooling, "'" + file + "'");
  std::vector<const PoolingMode*> chosen;
  for (const PoolingMode& mode : pooling_modes)
    if (settings.flag(mode.flag) || text_at_key(pooling, "pooling_mode") == mode.mode) chosen.push_back(&mode);
  if (settings.error()) return draft.config.fail(*settings.error());
  if (chosen.size() != 1 || chosen[0]->type == 0) {
    return draft.config.fail({ErrorKind::unsupported, "'" + file +
                                                          "' asks for another pooling than one of mean, cls "
                                                          "and lasttoken, which the engine lacks"});
  }
  if (const Json* prompt = settings.find("include_prompt"); prompt != nullptr && *prompt == false)
    return draft.config.fail({ErrorKind::unsupported, "'" + file +
                                                          "' leaves the prompt out of the mean, which the "
                                                          "engine cannot"});
  draft.add("pooling_type", chosen[0]->type);
}

}  // namespace

void read_sizes(const Architecture& architecture, ImportDraft& draft) {
  ModelConfig& config = draft.config;
  ModelSizes& sizes = draft.sizes;
  check_fixed(architecture, config);
  sizes[Size::vocabulary] = config.integer("vocab_size", 1, most_size);
  sizes[Size::embedding] = config.integer("hidden_size", 1, most_width);
  sizes[Size::blocks] = config.integer("num_hidden_layers", 1, most_blocks);
  sizes[Size::feed_forward] = architecture.feed_forward_factor != 0 && !config.knows("intermediate_size")
                                  ? architecture.feed_forward_factor * sizes[Size::embedding]
                                  : config.integer("intermediate_size", 1, most_width);
  sizes[Size::feed_forward_2] = 2 * sizes[Size::feed_forward];
  sizes[Size::positions] = config.integer("max_position_embeddings", 1, most_size);
  sizes[Size::context] = sizes[Size::positions];
  sizes[Size::token_types] = optional_size(config, "type_vocab_size", most_size);
  sizes[Size::experts] = optional_size(config, "num_local_experts", most_experts);
  read_heads(architecture, config, sizes);
  if (!config.error() && architecture.adjust_sizes != nullptr) architecture.adjust_sizes(draft);
}

void add_model_keys(const Architecture& architecture, ImportDraft& draft) {
  const auto add_size = [&draft](std::string_view key, Size size) {
    draft.add(key, static_cast<std::uint32_t>(draft.sizes[size]));
  };
  add_size("block_count", Size::blocks);
  add_size("context_length", Size::context);
  add_size("embedding_length", Size::embedding);
  add_size("feed_forward_length", Size::feed_forward);
  add_size("attention.head_count", Size::heads);
  if (architecture.has_key_heads) add_size("attention.head_count_kv", Size::key_heads);
  for (const KeyRow& row : architecture.keys) {
    if (row.kind == KeyRow::Kind::optional_number && !draft.config.knows(row.setting)) continue;
    if (row.kind == KeyRow::Kind::size) add_size(row.key, row.size);
    else if (row.kind == KeyRow::Kind::integer)
      draft.add(row.key, static_cast<std::uint32_t>(draft.config.integer(row.setting, 0, most_size)));
    else draft.add(row.key, static_cast<float>(draft.config.number(row.setting)));
  }
  if (!draft.config.error() && architecture.extend != nullptr) architecture.extend(draft);
}

void add_sampling(const ModelFolder& folder, GgufModel& model, std::vector<Warning>& warnings) {
  constexpr const char* file = "generation_config.json";
  if (!folder.has(file)) return;
  const Result<Json> stored = folder.json(file);
  const Json none;
  ModelConfig config(stored ? *stored : none, std::string("'") + file + "'", {}, sampling_aliases);
  if (!stored) config.fail(stored.error());
  for (const SamplingRow& row : sampling_rows) {
    if (!stored || !config.has(row.setting)) continue;
    const std::string key = "general.sampling." + std::string(row.key);
    const bool had_error = config.error().has_value();
    const auto integer = row.integer ? static_cast<std::int32_t>(config.integer(row.setting, row.least, row.most)) : 0;
    const auto number = row.integer ? 0.0F : static_cast<float>(config.number(row.setting));
    if (!had_error && config.error()) continue;
    if (row.integer) model.add(key, integer);
    else model.add(key, number);
  }
  if (config.error())
    warnings.push_back({"import_sampling", config.error()->message + "; this recommendation is left out"});
}

bool add_pooling(const ModelFolder& folder, ImportDraft& draft) {
  if (!folder.has("modules.json")) return false;
  const Result<Json> modules = folder.json("modules.json");
  if (!modules) return draft.config.fail(modules.error()), false;
  if (!modules->is_array()) return draft.config.fail({ErrorKind::engine_failed, "'modules.json' is no list"}), false;
  bool found = false;
  for (const Json& module : *modules) {
    const std::string_view full_type = text_at_key(module, "type");
    const std::string_view type = full_type.substr(full_type.rfind('.') + 1);  // npos + 1 is 0
    const auto is_it = [type](std::string_view name) { return type == name; };
    if (std::none_of(std::begin(harmless_modules), std::end(harmless_modules), is_it)) {
      draft.config.fail(
          {ErrorKind::unsupported,
           "'modules.json' has a module '" + escaped_start(type, most_setting_bytes) + "', which the engine lacks"});
    }
    if (!is_it("Pooling") || found) continue;
    found = true;
    const std::string path(text_at_key(module, "path"));
    const std::string file = path.empty() ? "config.json" : path + "/config.json";
    const Result<Json> pooling = folder.json(file);
    if (!pooling) draft.config.fail(pooling.error());
    else read_pooling(*pooling, draft, file);
  }
  return found;
}

std::string model_name(const ModelFolder& folder) {
  std::error_code failed;
  std::filesystem::path path = std::filesystem::absolute(folder.path(), failed).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  const std::string repository = path.parent_path().parent_path().filename().string();
  const bool is_snapshot = path.parent_path().filename() == "snapshots" && repository.starts_with("models--");
  const std::string name = is_snapshot ? repository.substr(repository.rfind("--") + 2) : path.filename().string();
  return !find_invalid_utf8(name) && !name.empty() ? name : "model";
}

std::string size_label(const std::vector<GgufTensor>& tensors) {
  std::int64_t shared = 0;
  std::int64_t expert = 0;
  std::int64_t experts = 0;
  for (const GgufTensor& tensor : tensors) {
    const std::int64_t values = value_count(tensor);
    if (tensor.name.find("_exps.") == std::string::npos || tensor.sizes.size() < 3) {
      shared += values;
      continue;
    }
    experts = tensor.sizes[2];
    expert += values / experts;
  }
  const auto count = static_cast<double>(shared + expert);
  constexpr std::array<std::pair<double, char>, 4> units = {{{1e12, 'T'}, {1e9, 'B'}, {1e6, 'M'}, {1e3, 'K'}}};
  const auto* unit = std::find_if(units.begin(), units.end() - 1, [count](const auto& u) { return count > u.first; });
  const double scaled = count / unit->first;
  const double rounded = std::nearbyint(scaled);
  const int decimals = rounded >= 10 ? 0 : rounded >= 1 ? 1 : 2;
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%.*f%c", decimals, scaled, unit->second);
  return (experts > 0 ? std::to_string(experts) + "x" : "") + text.data();
}

std::uint32_t file_type(const std::vector<GgufTensor>& tensors) {
  std::array<std::int64_t, 3> values{};
  for (const GgufTensor& tensor : tensors)
    if (tensor.sizes.size() > 1) values[static_cast<std::size_t>(tensor.type)] += value_count(tensor);
  constexpr std::array<std::uint32_t, 3> numbers = {0, 1, 32};
  return numbers[static_cast<std::size_t>(std::max_element(values.begin(), values.end()) - values.begin())];
}

}  // namespace abstractllm
