// SPDX-License-Identifier: Apache-2.0
// Sources, read 2026-11: tuners/lora/config.py, tuners/lora/layer.py (update_layer) and utils/other.py
// (get_pattern_key) of peft 0.21; llama_adapter_lora_weight::get_scale of llama.cpp v0.5.0.
#include "hub/import/adapter_config.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/utf8.hpp"
#include "hub/import/model_config.hpp"

namespace abstractllm::adapter_settings {
namespace {

constexpr std::int64_t most_rank = 1 << 16;
constexpr std::int64_t most_token = std::int64_t{1} << 31;
constexpr std::size_t most_patterns = 10'000;
constexpr std::size_t most_quoted_bytes = 60;

/// Settings that PEFT leaves null, false, empty or "none" unless they change what the adapter computes.
constexpr std::array<std::string_view, 8> must_be_empty = {
    "modules_to_save",         "layer_replication", "target_parameters", "lora_bias",
    "trainable_token_indices", "invocation_string", "megatron_config",   "arrow_config",
};
/// Ways to begin the training that change the base model's weights too.
constexpr std::array<std::string_view, 5> changed_base = {"pissa", "olora", "loftq", "corda", "lora_ga"};

bool is_empty(const Json& value) {
  return value.is_null() || value == false || (value.is_structured() && value.empty()) || value == "";
}

void refuse_setting(ModelConfig& config, std::string_view name) {
  config.refuse(
      ErrorKind::unsupported,
      "has '" + std::string(name) +
          "', which the engine's adapter cannot hold. Merge the adapter into its model (merge_and_unload() of "
          "PEFT) and use the result as the model");
}

void check_settings(const Json& stored, ModelConfig& config) {
  for (const auto& [name, value] : stored.get_ref<const Json::object_t&>()) {
    const bool is_use = name.starts_with("use_") && name != "use_rslora";
    const bool must_be = std::find(must_be_empty.begin(), must_be_empty.end(), name) != must_be_empty.end();
    const bool explained = name == "invocation_string" && config.has("alora_invocation_tokens");
    if ((is_use || must_be) && !explained && !is_empty(value)) refuse_setting(config, name);
  }
  const Json* method = config.find("peft_type");
  if (method == nullptr || *method != "LORA")
    config.refuse(ErrorKind::unsupported,
                  "has the peft_type " +
                      escaped_start(method == nullptr ? "null" : dump_json(*method), most_quoted_bytes) +
                      "; the engine has adapters of the type LORA");
  const Json* begin = config.find("init_lora_weights");
  if (begin == nullptr || !begin->is_string()) return;
  for (const std::string_view name : changed_base)
    if (begin->get_ref<const std::string&>().starts_with(name)) refuse_setting(config, "init_lora_weights");
}

/// A key of a pattern is a regular expression for the end of a name. Those in use are names.
bool is_plain(std::string_view key) { return key.find_first_of("\\^$*+?()[]{}|") == std::string_view::npos; }

void read_alphas(ModelConfig& config, AdapterConfig& read) {
  const Json* stored = config.find("alpha_pattern");
  if (stored == nullptr || is_empty(*stored)) return;
  if (!stored->is_object() || stored->size() > most_patterns)
    return config.refuse(ErrorKind::engine_failed, "has a wrong 'alpha_pattern'");
  for (const auto& [key, value] : stored->get_ref<const Json::object_t&>()) {
    const double alpha = value.is_number() ? value.get<double>() : NAN;
    if (!std::isfinite(alpha)) return config.refuse(ErrorKind::engine_failed, "has a wrong 'alpha_pattern'");
    if (!is_plain(key))
      return config.refuse(ErrorKind::unsupported, "has the regular expression '" +
                                                       escaped_start(key, most_quoted_bytes) +
                                                       "' in 'alpha_pattern'; only names of modules are read");
    read.alphas.emplace_back(key, alpha);
  }
}

void read_invocation(ModelConfig& config, AdapterConfig& read) {
  const Json* stored = config.find("alora_invocation_tokens");
  if (stored == nullptr || is_empty(*stored)) return;
  if (!stored->is_array() || stored->size() > most_patterns)
    return config.refuse(ErrorKind::engine_failed, "has wrong 'alora_invocation_tokens'");
  for (const Json& each : *stored) {
    const double token = each.is_number() ? each.get<double>() : -1;
    if (!(token >= 0 && token < static_cast<double>(most_token)))
      return config.refuse(ErrorKind::engine_failed, "has wrong 'alora_invocation_tokens'");
    read.invocation_tokens.push_back(static_cast<std::uint32_t>(token));
  }
}

}  // namespace
}  // namespace abstractllm::adapter_settings

namespace abstractllm {

double AdapterConfig::effective_alpha(std::string_view module, std::int64_t rank_of_module) const {
  double chosen = alpha;
  for (const auto& [end, its_alpha] : alphas) {
    const bool fits =
        module.ends_with(end) && (module.size() == end.size() || module[module.size() - end.size() - 1] == '.');
    if (!fits) continue;
    chosen = its_alpha;
    break;
  }
  return by_root ? chosen * std::sqrt(static_cast<double>(rank_of_module)) : chosen;
}

Result<AdapterConfig> read_adapter_config(const Json& stored) {
  if (!stored.is_object()) return Error(ErrorKind::engine_failed, "'adapter_config.json' is no object");
  ModelConfig config(stored, "'adapter_config.json'");
  adapter_settings::check_settings(stored, config);
  AdapterConfig read;
  read.rank = config.integer("r", 1, adapter_settings::most_rank);
  read.alpha = config.number("lora_alpha");
  if (!config.error() && read.alpha == 0) config.refuse(ErrorKind::engine_failed, "has a lora_alpha of 0");
  read.by_root = config.has("use_rslora") && config.flag("use_rslora");
  if (const Json* ranks = config.find("rank_pattern"); ranks != nullptr && !adapter_settings::is_empty(*ranks))
    read.rank = 0;
  adapter_settings::read_alphas(config, read);
  adapter_settings::read_invocation(config, read);
  if (config.error()) return *config.error();
  return read;
}

}  // namespace abstractllm
