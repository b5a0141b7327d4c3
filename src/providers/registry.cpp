// SPDX-License-Identifier: Apache-2.0
#include "providers/registry.hpp"

#include <algorithm>
#include <mutex>

#include "base/environment.hpp"
#include "base/nearest.hpp"
#include "base/process.hpp"
#include "base/thrown.hpp"
#include "hub/hub_settings.hpp"
#include "protocols/openai_chat/openai_chat.hpp"
#include "protocols/protocols.hpp"
#include "providers/dialects.hpp"
#include "providers/embedding_rules.hpp"
#include "providers/known_models.hpp"
#include "providers/open_transport.hpp"

namespace abstractllm {

#define ABSTRACTLLM_PROVIDER(name) Provider name##_provider();
#define ABSTRACTLLM_PRESET(name, description, dialect, base_url, base_url_variable, key_variable, key, model)
#define ABSTRACTLLM_ALIAS(alias, name)
#include "providers/providers.def"
#undef ABSTRACTLLM_PROVIDER
#undef ABSTRACTLLM_PRESET
#undef ABSTRACTLLM_ALIAS

namespace {

struct Alias {
  std::string_view alias;
  std::string_view name;
};

constexpr Alias aliases[] = {
#define ABSTRACTLLM_PROVIDER(name)
#define ABSTRACTLLM_PRESET(name, description, dialect, base_url, base_url_variable, key_variable, key, model)
#define ABSTRACTLLM_ALIAS(alias, name) {#alias, #name},
#include "providers/providers.def"
#undef ABSTRACTLLM_PROVIDER
#undef ABSTRACTLLM_PRESET
#undef ABSTRACTLLM_ALIAS
};

/// Returns the provider's own name for its name or an alias.
std::string_view real_name(std::string_view name) {
  for (const Alias& each : aliases)
    if (each.alias == name) return each.name;
  return name;
}

/// The last column of a preset.
enum class Need { required, optional };

struct Preset {
  const char* name;
  const char* description;
  openai_chat::Dialect dialect;
  const char* base_url;
  const char* base_url_variable;
  const char* key_variable;
  Need key;
  Need model;
};

Provider provider_of(const Preset& preset) {
  Provider provider;
  provider.name = preset.name;
  provider.description = preset.description;
  provider.protocols = {make_openai_chat_protocol(preset.dialect)};
  provider.base_url = preset.base_url;
  provider.base_url_variable = preset.base_url_variable;
  provider.key_variable = preset.key_variable;
  provider.key_required = preset.key == Need::required;
  provider.model_required = preset.model == Need::required;
  return provider;
}

/// A server that hangs must become an error. The first event of a large model on a slow machine takes minutes. The SDKs
/// of OpenAI and Anthropic give up after ten (docs/wire-formats.md#sdk-timeouts).
Options http_defaults() {
  using std::chrono::seconds;
  return Options().connect_timeout(seconds(10)).first_event_timeout(seconds(600)).idle_timeout(seconds(120));
}

using ProviderPtr = std::shared_ptr<const Provider>;

ProviderPtr completed_provider(Provider provider) {
  if (!provider.transport) provider.defaults = provider.defaults.over(http_defaults());
  return std::make_shared<const Provider>(std::move(provider));
}

class Registry {
 public:
  static Registry& instance() {
    static Registry& registry = *new Registry;  // leaked, because threads may look up providers while the process exits
    return registry;
  }

  std::vector<ProviderPtr> all() const {
    const ForkHold hold;
    const std::lock_guard lock(mutex_);
    return providers_;
  }

  Result<void> add(Provider provider) {
    const ForkHold hold;
    const std::lock_guard lock(mutex_);
    for (const ProviderPtr& known : providers_)
      if (known->name == real_name(provider.name))
        return Error(ErrorKind::invalid_argument, "there is a provider '" + provider.name + "' already");
    add_unchecked(std::move(provider));
    return {};
  }

 private:
  Registry() {
#define ABSTRACTLLM_PROVIDER(name) add_known(name##_provider());
#define ABSTRACTLLM_PRESET(name, description, dialect, base_url, base_url_variable, key_variable, key, model) \
  add_known(provider_of(                                                                                      \
      {#name, description, dialects::dialect(), base_url, base_url_variable, key_variable, Need::key, Need::model}));
#define ABSTRACTLLM_ALIAS(alias, name)
#include "providers/providers.def"
#undef ABSTRACTLLM_PROVIDER
#undef ABSTRACTLLM_PRESET
#undef ABSTRACTLLM_ALIAS
  }

  void add_known(Provider provider) {
    apply_image_rules(provider);
    apply_embedding_rules(provider);
    // llama-server has the endpoints of the engine in this process (tools/server, v0.5.0).
    if (provider.name == "llama_server") provider.counts_tokens = true;
    add_unchecked(std::move(provider));
  }

  void add_unchecked(Provider provider) { providers_.push_back(completed_provider(std::move(provider))); }

  mutable std::mutex mutex_;
  std::vector<ProviderPtr> providers_;
};

bool is_name(std::string_view name) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && std::all_of(name.begin(), name.end(), fits);
}

bool has_key_variable(const Provider& provider) {
  return environment(provider.key_variable) ||
         std::any_of(
             provider.header_variables.begin(), provider.header_variables.end(),
             [](const HeaderVariable& each) { return each.header == "Authorization" && environment(each.variable); });
}

bool is_configured(const Provider& provider) {
  if (provider.key_required && !provider.key_variable.empty() && !has_key_variable(provider)) return false;
  if (provider.base_url.empty() && !environment(provider.base_url_variable) && !environment(provider.endpoint_variable))
    return false;
  return open_transport(provider, provider.defaults).has_value();
}

ProviderInfo info_of(const Provider& provider) {
  ProviderInfo info;
  info.name = provider.name;
  info.description = provider.description;
  for (const auto& spoken : provider.protocols) info.protocols.emplace_back(spoken->name());
  info.key_variable = provider.key_variable;
  info.configured = is_configured(provider);
  info.default_model = provider.defaults.model().value_or("");
  return info;
}

}  // namespace

Result<std::shared_ptr<const Provider>> find_provider(std::string_view name) {
  const std::vector<ProviderPtr> all = Registry::instance().all();
  std::vector<std::string_view> names;
  for (const ProviderPtr& provider : all) {
    if (provider->name == real_name(name)) return provider;
    names.push_back(provider->name);
    for (const Alias& each : aliases)
      if (each.name == provider->name) names.push_back(each.alias);
  }
  std::string list;
  for (const std::string_view known : names) list += (list.empty() ? "" : ", ") + std::string(known);
  std::string message = "unknown provider '" + std::string(name) + "'";
  if (const auto nearest = nearest_name(name, names)) message += "; did you mean '" + std::string(*nearest) + "'?";
  return Error(ErrorKind::invalid_argument, message + " (known: " + list + ")");
}

std::vector<ProviderInfo> providers() {
  std::vector<ProviderInfo> infos;
  for (const ProviderPtr& provider : Registry::instance().all()) infos.push_back(info_of(*provider));
  return infos;
}

std::vector<std::string> provider_names() {
  std::vector<std::string> names;
  for (const ProviderPtr& provider : Registry::instance().all()) names.push_back(provider->name);
  return names;
}

std::vector<std::string> key_variables() {
  std::vector<std::string> names(hub_token_variables.begin(), hub_token_variables.end());
  for (const ProviderPtr& provider : Registry::instance().all()) {
    if (!provider->key_variable.empty()) names.push_back(provider->key_variable);
    for (const HeaderVariable& each : provider->header_variables) names.push_back(each.variable);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

namespace {

Result<void> check_provider(const Provider& provider) {
  const auto refuse = [&](const char* why) {
    return Error(ErrorKind::invalid_argument, "provider '" + provider.name + "' " + why);
  };
  if (!is_name(provider.name)) return refuse("has no valid name: small letters, digits and _ only");
  const auto is_null = [](const auto& protocol) { return protocol == nullptr; };
  if (provider.protocols.empty() || std::any_of(provider.protocols.begin(), provider.protocols.end(), is_null))
    return refuse("needs at least one protocol");
  return provider.defaults.validate();
}

}  // namespace

Result<std::shared_ptr<const Provider>> checked_provider(Provider provider) {
  if (auto valid = check_provider(provider); !valid) return std::move(valid).error();
  return completed_provider(std::move(provider));
}

Result<void> register_provider(Provider provider) {
  return guarded([&]() -> Result<void> {
    if (auto valid = check_provider(provider); !valid) return valid;
    return Registry::instance().add(std::move(provider));
  });
}

std::shared_ptr<const Protocol> protocol(std::string_view name) { return find_protocol(name); }

}  // namespace abstractllm
