// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "abstractllm/export.hpp"
#include "abstractllm/provider.hpp"

namespace abstractllm {

/// A provider in a listing.
struct ProviderInfo {
  std::string name;
  std::string description;
  std::vector<std::string> protocols;  ///< the first is the default
  std::string key_variable;            ///< environment variable of the key; empty: no key is needed
  bool configured = false;             ///< whether a call has everything that it needs (a key, the engine)
  std::string default_model;           ///< may be empty
};

/// A model in a listing.
struct ModelInfo {
  std::string id;                              ///< value for Options::model
  std::string description;                     ///< the provider's display name, or empty
  std::optional<std::int64_t> size_bytes;      ///< of a model on this disk
  std::optional<std::int64_t> context_tokens;  ///< maximum input, if the provider reports it
  Capabilities capabilities;                   ///< from the provider, otherwise from a table of known models
};

/// All providers: the built-in ones first, then the others in the order of registration. Thread-safe. Reads only the
/// environment and starts nothing.
ABSTRACTLLM_API std::vector<ProviderInfo> providers();

/// The names alone.
ABSTRACTLLM_API std::vector<std::string> provider_names();

/// Asks the provider for its models. Blocks. Retries and timeouts apply as for a call.
/// Errors: unsupported for a provider without a listing, and every kind that a call can have.
ABSTRACTLLM_API Result<std::vector<ModelInfo>> list_models(std::string_view provider, const Options& options = {});

/// Adds your own provider under a new name. Thread-safe. Existing handles do not change.
/// Errors: invalid_argument for a name that is used or malformed, or if there is no protocol.
ABSTRACTLLM_API Result<void> register_provider(Provider provider);

/// A protocol of this library by its name, such as "openai_chat", for your own providers. Returns nullptr for an
/// unknown name.
ABSTRACTLLM_API std::shared_ptr<const Protocol> protocol(std::string_view name);

}  // namespace abstractllm
