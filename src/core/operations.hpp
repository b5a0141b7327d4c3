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

// The operations of a provider besides chat, ready to run. The options are merged: those of the call override the
// handle's.

/// Returns the policy for an operation with these options.
Policy operation_policy(const Options& options);

/// Makes a call whose answer is known without a request.
template <class Answer>
OperationCall<Answer> known_call(const Provider& provider, const Options& options, std::function<Answer()> answer) {
  return {{provider.name, options.model().value_or("")},
          Sequence(std::unique_ptr<CallPlan>(), random_number),
          std::move(answer),
          options.stop_token(),
          options.executor()};
}

/// Lists the models of the provider, with Provider::list_models or from all pages of its server's listing. If a server
/// does not report a property of a model, the table of known models supplies it. `open` returns the transport for the
/// options. Errors: unsupported for a provider without a listing, not_configured.
Result<OperationCall<std::vector<ModelInfo>>> models_call(
    const std::shared_ptr<const Provider>& provider, const Options& options,
    const std::function<Result<std::shared_ptr<Transport>>(const Options&)>& open);

/// Tells what the model can do, as its provider's server reports it. Errors: unsupported, not_configured.
Result<OperationCall<Capabilities>> describe_call(const Provider& provider, const Options& options,
                                                  std::shared_ptr<Transport> transport);

/// Ends when the model is loaded. Errors: those of describe_call().
Result<OperationCall<void>> load_call(const Provider& provider, const Options& options,
                                      std::shared_ptr<Transport> transport);

/// Counts the tokens of a prepared chat call. Errors: unsupported (the provider does not count, or there are
/// attachments), not_configured.
Result<OperationCall<std::int64_t>> count_tokens_call(const Provider& provider, const PreparedRequest& prepared,
                                                      std::shared_ptr<Transport> transport);

/// Returns what is known of the model without a request: from the provider, otherwise from the table of known models.
Capabilities known_capabilities(const Provider& provider, const Options& options);

/// Returns the protocol that these options choose. Errors: invalid_argument for a protocol that the provider does not
/// speak.
Result<std::shared_ptr<const Protocol>> choose_protocol(const Provider& provider, const Options& options);

/// Asks what the model can do. Errors: those of describe_call().
Result<std::shared_ptr<OperationInquiry<Capabilities>>> describe_inquiry(const Provider& provider,
                                                                         const Options& options,
                                                                         std::shared_ptr<Transport> transport);

}  // namespace abstractllm
