// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "abstractllm/export.hpp"
#include "abstractllm/pending.hpp"
#include "abstractllm/provider.hpp"

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

/// All providers, built-in ones first, then by registration. Thread-safe. Starts nothing, reads the environment only.
ABSTRACTLLM_API std::vector<ProviderInfo> providers();

/// Just the names.
ABSTRACTLLM_API std::vector<std::string> provider_names();

/// Asks the provider which models it offers: all pages of its listing. Blocks. Retries and timeouts are those of a
/// call. Errors: unsupported for a provider without a listing, and every kind that a call can have.
ABSTRACTLLM_API Result<std::vector<ModelInfo>> list_models(std::string_view provider, const Options& options = {});

/// The same without blocking.
ABSTRACTLLM_API Pending<std::vector<ModelInfo>> list_models_async(std::string_view provider,
                                                                  const Options& options = {});

/// Adds a provider of your own under a new name. Thread-safe; handles that exist already are not touched.
/// Errors: invalid_argument for a name that is taken or malformed, or without a protocol.
ABSTRACTLLM_API Result<void> register_provider(Provider provider);

/// A protocol that this library speaks ("openai_chat"), for providers of your own; nullptr where there is none of that
/// name.
ABSTRACTLLM_API std::shared_ptr<const Protocol> protocol(std::string_view name);

}  // namespace abstractllm
