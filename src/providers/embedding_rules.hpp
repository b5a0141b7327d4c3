// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "abstractllm/provider.hpp"

namespace abstractllm {

/// Sets Provider::embedding_rules as embedding_rules.def has them for the provider of this name.
void apply_embedding_rules(Provider& provider);

/// Returns the rules for a call with these merged options: those of the host of base_url, if it has a row, otherwise
/// those of the provider.
EmbeddingRules embedding_rules_of(const Provider& provider, const Options& options);

/// The texts that go before the texts of a query and of a document.
struct EmbeddingPrefixes {
  std::string_view query;
  std::string_view document;
};

/// Returns the prefixes of a model, according to embedding_models.def. `model` is a name as users write it: that of a
/// provider, a repository with or without quantisation, or the path of a file. Returns nothing for an unknown model.
std::optional<EmbeddingPrefixes> embedding_prefixes(std::string_view model);

}  // namespace abstractllm
