// SPDX-License-Identifier: Apache-2.0
#include "hub/import/model_config.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/utf8.hpp"

namespace abstractllm {
namespace {

constexpr std::size_t most_value_bytes = 60;

std::string shown(const Json& value) { return escaped_start(dump_json(value), most_value_bytes); }

}  // namespace

ModelConfig::ModelConfig(const Json& settings, std::string where, std::span<const SettingDefault> defaults,
                         std::span<const SettingAlias> aliases)
    : settings_(&settings), where_(std::move(where)), defaults_(defaults), aliases_(aliases) {}

const Json* ModelConfig::find(std::string_view name) const {
  if (!settings_->is_object()) return nullptr;
  auto found = settings_->find(name);
  for (const SettingAlias& alias : aliases_)
    if (found == settings_->end() && alias.name == name) found = settings_->find(alias.stored);
  return found == settings_->end() || found->is_null() ? nullptr : &*found;
}

bool ModelConfig::is_null(std::string_view name) const {
  if (!settings_->is_object()) return false;
  const auto found = settings_->find(name);
  return found != settings_->end() && found->is_null();
}

std::optional<double> ModelConfig::default_of(std::string_view name) const {
  for (const SettingDefault& each : defaults_)
    if (each.name == name) return each.value;
  return std::nullopt;
}

std::int64_t ModelConfig::integer(std::string_view name, std::int64_t least, std::int64_t most) {
  const double value = number(name);
  // Every limit is far below 2^53, where doubles are exact.
  if (value == std::floor(value) && value >= static_cast<double>(least) && value <= static_cast<double>(most))
    return static_cast<std::int64_t>(value);
  if (!error_) {
    refuse(ErrorKind::engine_failed, "has '" + std::string(name) + "' " + (has(name) ? shown(*find(name)) : "") +
                                         ", which is no integer from " + std::to_string(least) + " to " +
                                         std::to_string(most));
  }
  return least;
}

double ModelConfig::number(std::string_view name) {
  const Json* value = find(name);
  if (value == nullptr) {
    if (const std::optional<double> assumed = default_of(name)) return *assumed;
    refuse(ErrorKind::engine_failed, "lacks '" + std::string(name) + "'");
    return 0;
  }
  const double number = value->is_number() ? value->get<double>() : std::numeric_limits<double>::quiet_NaN();
  if (std::abs(number) <= static_cast<double>(std::numeric_limits<float>::max())) return number;
  refuse(ErrorKind::engine_failed, "has '" + std::string(name) + "' " + shown(*value) + ", which is no usable number");
  return 0;
}

bool ModelConfig::flag(std::string_view name) {
  const Json* value = find(name);
  if (value == nullptr) return default_of(name).value_or(0) != 0;
  if (value->is_boolean()) return value->get<bool>();
  refuse(ErrorKind::engine_failed, "has '" + std::string(name) + "' " + shown(*value) + ", which is not true or false");
  return false;
}

void ModelConfig::refuse(ErrorKind kind, const std::string& what) {
  if (!error_) error_ = Error(kind, where_ + " " + what);
}

}  // namespace abstractllm
