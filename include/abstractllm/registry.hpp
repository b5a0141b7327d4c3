// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/export.hpp"
#include "abstractllm/pending.hpp"
#include "abstractllm/provider.hpp"
#include "abstractllm/result.hpp"

namespace abstractllm {

/// A provider in a listing.
struct ProviderInfo {
  std::string name;
  std::string description;
  std::vector<std::string> protocols;  ///< the first is the default
  std::string key_variable;            ///< environment variable of the key; if it is empty, no key is needed
  bool configured = false;             ///< whether a call has everything that it needs (a key, the engine)
  std::string default_model;           ///< may be empty
};

/// Returns all providers: the built-in ones first, then the others in order of registration. It is thread-safe. It
/// starts nothing and reads only the environment.
ABSTRACTLLM_API std::vector<ProviderInfo> providers();

/// Returns only the names.
ABSTRACTLLM_API std::vector<std::string> provider_names();

/// Returns the names of all environment variables that hold keys, tokens or accounts of providers or of the hub,
/// sorted, each once. A program that runs other programs can keep them to itself. It is thread-safe.
ABSTRACTLLM_API std::vector<std::string> key_variables();

/// Asks the provider which models it offers, and reads all pages of its listing. "local" means "huggingface". It
/// blocks. Retries and timeouts are those of a call. Errors: unsupported for a provider without a listing, and every
/// kind that a call can have.
ABSTRACTLLM_API Result<std::vector<ModelInfo>> list_models(std::string_view provider, const Options& options = {});

/// The same without blocking.
ABSTRACTLLM_API Pending<std::vector<ModelInfo>> list_models_async(std::string_view provider,
                                                                  const Options& options = {});

/// Adds a provider of your own under a new name. It is thread-safe and does not affect existing handles. Errors:
/// invalid_argument for a name that is taken ("local" is taken too) or malformed, or for a provider without a protocol.
ABSTRACTLLM_API Result<void> register_provider(Provider provider);

/// Returns a protocol of this library by its name, such as "openai_chat", for your own providers. Returns nullptr for
/// an unknown name.
ABSTRACTLLM_API std::shared_ptr<const Protocol> protocol(std::string_view name);

}  // namespace abstractllm
