// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "abstractllm/embedding.hpp"
#include "abstractllm/provider.hpp"
#include "core/operation_call.hpp"

namespace abstractllm {

/// Returns the transport for merged options.
using OpenTransport = std::function<Result<std::shared_ptr<Transport>>(const Options&)>;

/// Makes the call that Llm::embed() describes. The options are merged. All texts are checked before anything is sent.
/// The texts are split into requests that the provider accepts; these run one after the other.
///
/// Errors: unsupported, invalid_argument, not_configured.
Result<OperationCall<Embeddings>> embed_call(const std::shared_ptr<const Provider>& provider, const Options& options,
                                             std::vector<std::string> texts, const OpenTransport& open);

/// Makes the call that Llm::rerank() describes. The options are merged. Errors: unsupported, invalid_argument,
/// not_configured.
Result<OperationCall<Ranking>> rerank_call(const std::shared_ptr<const Provider>& provider, const Options& options,
                                           const std::string& query, const std::vector<std::string>& documents,
                                           const OpenTransport& open);

}  // namespace abstractllm
