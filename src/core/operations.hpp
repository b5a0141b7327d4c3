// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "abstractllm/provider.hpp"
#include "core/operation_call.hpp"
#include "core/prepare.hpp"
#include "core/random_number.hpp"

namespace abstractllm {

// The operations of a provider besides chat, ready to be run. Options are merged: those of the call over the handle's.

/// A call whose answer is known without asking anybody.
template <class Answer>
OperationCall<Answer> known_call(const Provider& provider, const Options& options, std::function<Answer()> answer) {
  return {{provider.name, options.model().value_or("")},
          Sequence(std::unique_ptr<CallPlan>(), random_number),
          std::move(answer),
          options.stop_token(),
          options.executor()};
}

/// The models of the provider: Provider::list_models, else all pages of its server's listing. What a server does not
/// say of a model comes from the table of known models. `open` gives the transport for the options. Errors: unsupported
/// for a provider without a listing, not_configured.
Result<OperationCall<std::vector<ModelInfo>>> models_call(
    std::shared_ptr<const Provider> provider, const Options& options,
    const std::function<Result<std::shared_ptr<Transport>>(const Options&)>& open);

/// What the model can do, as its provider's server says it. Errors: unsupported, not_configured.
Result<OperationCall<Capabilities>> describe_call(const Provider& provider, const Options& options,
                                                  std::shared_ptr<Transport> transport);

/// Ends once the model is loaded. Errors: as describe_call().
Result<OperationCall<void>> load_call(const Provider& provider, const Options& options,
                                      std::shared_ptr<Transport> transport);

/// The tokens of a prepared chat call. Errors: unsupported (a provider that does not count, images), not_configured.
Result<OperationCall<std::int64_t>> count_tokens_call(const Provider& provider, const PreparedRequest& prepared,
                                                      std::shared_ptr<Transport> transport);

/// What is known of the model without asking anybody: from the provider, else from the table of known models.
Capabilities known_capabilities(const Provider& provider, const Options& options);

/// The protocol that these options choose. Errors: invalid_argument for one that the provider does not speak.
Result<std::shared_ptr<const Protocol>> choose_protocol(const Provider& provider, const Options& options);

/// Asks what the model can do. Errors: as describe_call().
Result<std::shared_ptr<OperationInquiry<Capabilities>>> describe_inquiry(const Provider& provider,
                                                                         const Options& options,
                                                                         std::shared_ptr<Transport> transport);

}  // namespace abstractllm
