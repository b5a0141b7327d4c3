// SPDX-License-Identifier: Apache-2.0
#include "core/merge.hpp"

#include <algorithm>
#include <cctype>

#include "base/environment.hpp"
#include "base/log.hpp"

namespace abstractllm {
namespace {

std::string variable_of(const OptionField& field) {
  std::string variable = "ABSTRACTLLM_";
  for (char c : field.name) variable += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return variable;
}

// Repeatable options cannot be written in one variable.
bool has_variable(OptionKind kind) {
  return kind != OptionKind::texts && kind != OptionKind::images && kind != OptionKind::recordings &&
         kind != OptionKind::biases && kind != OptionKind::headers && kind != OptionKind::secret;
}

Error in_variable(const std::string& variable, Error error) {
  error.message = "environment variable " + variable + ": " + error.message;
  return error;
}

/// Shells, .env files and people leave blanks, quotes or a line end around a value.
std::string_view unwrapped(std::string_view value) {
  for (const std::string_view around : {" \t\r\n", "\"'", " \t\r\n"}) {
    value.remove_prefix(std::min(value.find_first_not_of(around), value.size()));
    value = value.substr(0, value.find_last_not_of(around) + 1);
  }
  return value;
}

void take_base_url(const std::string& variable, const std::function<std::string(std::string_view)>& read,
                   Options& options) {
  const auto value = environment(variable);
  if (!value) return;
  const std::string_view url = unwrapped(*value);
  if (url.empty()) return;
  options.base_url(read ? read(url) : std::string(url));
}

Result<void> take_headers(const Provider& provider, Options& options) {
  option_kind::headers headers;
  for (const HeaderVariable& each : provider.header_variables) {
    const auto value = environment(each.variable);
    if (!value) continue;
    headers.emplace_back(each.header, each.prefix + std::string(unwrapped(*value)));
    if (auto valid = Options().extra_headers({headers.back()}).validate(); !valid)
      return in_variable(each.variable, std::move(valid).error());
  }
  if (!headers.empty()) options.extra_headers(std::move(headers));
  return {};
}

}  // namespace

bool reads_engine_option(const Provider& provider, std::string_view name) {
  if (provider.transport) return true;
  const auto reads = [&](const std::shared_ptr<const Protocol>& protocol) {
    const auto names = protocol->engine_options();
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  return std::any_of(provider.protocols.begin(), provider.protocols.end(), reads);
}

Result<Options> options_from_environment(const Provider& provider) {
  Options options;
  for (const OptionField& field : Options::fields()) {
    if (!has_variable(field.kind)) continue;
    const std::string variable = variable_of(field);
    const auto value = environment(variable);
    if (!value) continue;
    if (field.scope == OptionScope::engine && !reads_engine_option(provider, field.name)) {
      log({LogLevel::info,
           "option_ignored",
           "environment variable " + variable + " is passed over: it is for models that run in this process, and " +
               provider.name + "'s do not",
           {}});
      continue;
    }
    Options one;
    Result<void> outcome = one.set(field.name, *value);
    if (outcome) outcome = one.validate();
    if (!outcome) return in_variable(variable, std::move(outcome).error());
    options = one.over(options);
  }
  take_base_url(provider.endpoint_variable, provider.read_endpoint, options);
  take_base_url(provider.base_url_variable, provider.read_base_url, options);
  if (auto taken = take_headers(provider, options); !taken) return std::move(taken).error();
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
