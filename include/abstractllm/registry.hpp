// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/export.hpp"
#include "abstractllm/provider.hpp"
#include "abstractllm/result.hpp"

namespace abstractllm {

/// What a listing shows of a provider.
struct ProviderInfo {
  std::string name;
  std::string description;
  std::vector<std::string> protocols;  ///< the first is the default
  std::string key_variable;            ///< empty: needs no key
  bool configured = false;             ///< everything that a call needs is there (a key, the engine)
  std::string default_model;           ///< may be empty
};

/// What a listing shows of a model.
struct ModelInfo {
  std::string id;                              ///< what Options::model takes
  std::string description;                     ///< the provider's name for people, or empty
  std::optional<std::int64_t> size_bytes;      ///< of a model on a disk
  std::optional<std::int64_t> context_tokens;  ///< longest input, where the provider says
  Capabilities capabilities;                   ///< as the provider says, else as a table of known models has it
};

/// All providers, built-in ones first, then by registration. Thread-safe. Starts nothing, reads the environment only.
ABSTRACTLLM_API std::vector<ProviderInfo> providers();

/// Just the names.
ABSTRACTLLM_API std::vector<std::string> provider_names();

/// Asks the provider which models it offers; "local" is "huggingface". Blocks; takes part in retries and timeouts as a
/// call does. Errors: unsupported for a provider without a listing, and every kind that a call can have.
ABSTRACTLLM_API Result<std::vector<ModelInfo>> list_models(std::string_view provider, const Options& options = {});

/// Adds a provider of your own under a new name. Thread-safe; handles that exist already are not touched.
/// Errors: invalid_argument for a name that is taken ("local" is, too) or malformed, or without a protocol.
ABSTRACTLLM_API Result<void> register_provider(Provider provider);

/// A protocol that this library speaks ("openai_chat"), for providers of your own; nullptr where there is none of that
/// name.
ABSTRACTLLM_API std::shared_ptr<const Protocol> protocol(std::string_view name);

}  // namespace abstractllm
