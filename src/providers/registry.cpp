// SPDX-License-Identifier: Apache-2.0
#include "providers/registry.hpp"

#include <algorithm>
#include <mutex>

#include "base/environment.hpp"
#include "base/nearest.hpp"
#include "protocols/openai_chat/openai_chat.hpp"

namespace abstractllm {

#define ABSTRACTLLM_PROVIDER(name) Provider name##_provider();
#include "providers/providers.def"
#undef ABSTRACTLLM_PROVIDER

namespace {

using ProviderPtr = std::shared_ptr<const Provider>;

class Registry {
 public:
  static Registry& instance() {
    static Registry registry;
    return registry;
  }

  std::vector<ProviderPtr> all() const {
    const std::lock_guard lock(mutex_);
    return providers_;
  }

  Result<void> add(Provider provider) {
    const std::lock_guard lock(mutex_);
    for (const ProviderPtr& known : providers_)
      if (known->name == provider.name)
        return Error(ErrorKind::invalid_argument, "there is a provider '" + provider.name + "' already");
    providers_.push_back(std::make_shared<const Provider>(std::move(provider)));
    return {};
  }

 private:
  Registry() {
#define ABSTRACTLLM_PROVIDER(name) providers_.push_back(std::make_shared<const Provider>(name##_provider()));
#include "providers/providers.def"
#undef ABSTRACTLLM_PROVIDER
  }

  mutable std::mutex mutex_;
  std::vector<ProviderPtr> providers_;
};

bool is_name(std::string_view name) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && std::all_of(name.begin(), name.end(), fits);
}

bool is_configured(const Provider& provider) {
  if (!provider.key_variable.empty() && !environment(provider.key_variable)) return false;
  return provider.transport(provider.defaults).has_value();
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
  std::string list;
  for (const ProviderPtr& provider : all) {
    if (provider->name == name) return provider;
    names.push_back(provider->name);
    list += (list.empty() ? "" : ", ") + provider->name;
  }
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

Result<void> register_provider(Provider provider) {
  const auto refuse = [&](const char* why) {
    return Error(ErrorKind::invalid_argument, "provider '" + provider.name + "' " + why);
  };
  if (!is_name(provider.name)) return refuse("has no valid name: small letters, digits and _ only");
  const auto is_null = [](const auto& protocol) { return protocol == nullptr; };
  if (provider.protocols.empty() || std::any_of(provider.protocols.begin(), provider.protocols.end(), is_null))
    return refuse("needs at least one protocol");
  if (!provider.transport) return refuse("needs a transport");
  if (auto valid = provider.defaults.validate(); !valid) return valid;
  return Registry::instance().add(std::move(provider));
}

std::shared_ptr<const Protocol> protocol(std::string_view name) {
  static const std::shared_ptr<const Protocol> openai_chat = make_openai_chat_protocol();
  return name == openai_chat->name() ? openai_chat : nullptr;
}

}  // namespace abstractllm
