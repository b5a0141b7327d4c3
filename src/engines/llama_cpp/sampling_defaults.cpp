// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/sampling_defaults.hpp"

#include <array>
#include <charconv>
#include <filesystem>
#include <sstream>
#include <string_view>

#include "base/ascii.hpp"
#include "common.h"
#include "llama.h"

namespace abstractllm {
namespace {

struct SamplingRow {
  std::string_view words;
  float temperature;
  float top_p;
  float top_k;
  float min_p;
};

#define SAMPLING(words, temperature, top_p, top_k, min_p) SamplingRow{words, temperature, top_p, top_k, min_p},
constexpr SamplingRow sampling_rows[] = {
#include "engines/llama_cpp/sampling_defaults.def"
};
#undef SAMPLING

bool has_all_words(const std::string& names, std::string_view words) {
  std::istringstream each{std::string(words)};
  for (std::string word; each >> word;)
    if (names.find(word) == names.npos) return false;
  return true;
}

template <class Number>
std::optional<Number> given(float value) {
  return value < 0 ? std::nullopt : std::optional(static_cast<Number>(value));
}

std::string text_in_file(const llama_model* model, const char* key) {
  std::array<char, 256> value{};
  return llama_model_meta_val_str(model, key, value.data(), value.size()) < 0 ? std::string() : value.data();
}

template <class Number>
void set_default(const llama_model* model, llama_model_meta_key key, const std::optional<Number>& from_table,
                 Number& value) {
  if (from_table) value = *from_table;
  const std::string text = text_in_file(model, llama_model_meta_key_str(key));
  Number from_file{};
  if (std::from_chars(text.data(), text.data() + text.size(), from_file).ec == std::errc() && !text.empty())
    value = from_file;
}

}  // namespace

SamplingDefaults sampling_defaults_of(const std::string& names) {
  const std::string lower = lowered(names);
  for (const SamplingRow& row : sampling_rows)
    if (has_all_words(lower, row.words))
      return {given<float>(row.temperature), given<float>(row.top_p), given<int>(row.top_k), given<float>(row.min_p)};
  return {};
}

void set_sampling_defaults(const llama_model* model, const std::string& file, common_params_sampling& sampling) {
  std::string names = std::filesystem::path(file).filename().string();
  for (const char* key : {"general.name", "general.basename", "general.finetune", "general.size_label"})
    names += " " + text_in_file(model, key);
  const SamplingDefaults table = sampling_defaults_of(names);
  const auto asked = [&](common_params_sampling_config which) { return (sampling.user_sampling_config & which) != 0; };
  using Config = common_params_sampling_config;
  if (!asked(Config::COMMON_PARAMS_SAMPLING_CONFIG_TEMP))
    set_default(model, LLAMA_MODEL_META_KEY_SAMPLING_TEMP, table.temperature, sampling.temp);
  if (!asked(Config::COMMON_PARAMS_SAMPLING_CONFIG_TOP_P))
    set_default(model, LLAMA_MODEL_META_KEY_SAMPLING_TOP_P, table.top_p, sampling.top_p);
  if (!asked(Config::COMMON_PARAMS_SAMPLING_CONFIG_TOP_K))
    set_default(model, LLAMA_MODEL_META_KEY_SAMPLING_TOP_K, table.top_k, sampling.top_k);
  if (!asked(Config::COMMON_PARAMS_SAMPLING_CONFIG_MIN_P))
    set_default(model, LLAMA_MODEL_META_KEY_SAMPLING_MIN_P, table.min_p, sampling.min_p);
  if (!asked(Config::COMMON_PARAMS_SAMPLING_CONFIG_PENALTY_REPEAT))
    set_default(model, LLAMA_MODEL_META_KEY_SAMPLING_PENALTY_REPEAT, std::optional<float>(), sampling.penalty_repeat);
}

}  // namespace abstractllm
