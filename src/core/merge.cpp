// SPDX-License-Identifier: Apache-2.0
#include "core/merge.hpp"

#include <cctype>

#include "base/environment.hpp"

namespace abstractllm {
namespace {

std::string variable_of(const OptionField& field) {
  std::string variable = "ABSTRACTLLM_";
  for (char c : field.name) variable += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return variable;
}

// Repeatable options have no spelling in one variable.
bool has_variable(OptionKind kind) {
  return kind != OptionKind::texts && kind != OptionKind::images && kind != OptionKind::biases &&
         kind != OptionKind::headers && kind != OptionKind::secret;
}

Error in_variable(const std::string& variable, Error error) {
  error.message = "environment variable " + variable + ": " + error.message;
  return error;
}

}  // namespace

Result<Options> options_from_environment(const Provider& provider) {
  Options options;
  for (const OptionField& field : Options::fields()) {
    if (!has_variable(field.kind)) continue;
    const std::string variable = variable_of(field);
    const auto value = environment(variable);
    if (!value) continue;
    Options one;
    Result<void> outcome = one.set(field.name, *value);
    if (outcome) outcome = one.validate();
    if (!outcome) return in_variable(variable, std::move(outcome).error());
    options = one.over(options);
  }
  if (const auto base_url = environment(provider.base_url_variable))
    options.base_url(provider.read_base_url ? provider.read_base_url(*base_url) : *base_url);
  if (const auto key = environment(provider.key_variable)) {
    options.api_key(*key);
    if (auto valid = options.validate(); !valid) return in_variable(provider.key_variable, std::move(valid).error());
  }
  return options;
}

Result<Options> instance_options(const Provider& provider, const Options& instance) {
  if (auto valid = instance.validate(); !valid) return std::move(valid).error();
  auto environment = options_from_environment(provider);
  if (!environment) return environment;
  return instance.over(*environment).over(provider.defaults);
}

}  // namespace abstractllm
