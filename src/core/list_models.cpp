// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/registry.hpp"
#include "base/thrown.hpp"
#include "core/merge.hpp"
#include "core/operations.hpp"
#include "core/prepare.hpp"
#include "core/random_number.hpp"
#include "providers/open_transport.hpp"
#include "providers/registry.hpp"

namespace abstractllm {
namespace {

using Models = std::vector<ModelInfo>;

/// Of a provider that knows its models without a server.
OperationCall<Models> known_models_call(const Provider& provider, const Options& options, Models models) {
  const auto known = std::make_shared<Models>(std::move(models));
  return {{provider.name, options.model().value_or(""), HttpRequest()},
          Sequence(std::unique_ptr<CallPlan>(), random_number),
          [known] { return std::move(*known); },
          options.stop_token(),
          options.executor()};
}

Result<OperationCall<Models>> listing_call(std::string_view name, const Options& asked) {
  auto provider = find_provider(name);
  if (!provider) return std::move(provider).error();
  if ((*provider)->list_models) {
    auto models = (*provider)->list_models(asked);
    if (!models) return std::move(models).error();
    return known_models_call(**provider, asked, *std::move(models));
  }
  auto options = instance_options(**provider, asked);
  if (!options) return std::move(options).error();
  if (auto has_key = check_key(**provider, *options); !has_key) return std::move(has_key).error();
  auto transport = open_transport(**provider, *options);
  if (!transport) return std::move(transport).error();
  return list_models_call(*provider, *options, *std::move(transport));
}

/// Errors found before anything was sent know who was asked, too.
Result<OperationCall<Models>> named_listing_call(std::string_view name, const Options& options) {
  auto call = guarded([&] { return listing_call(name, options); });
  if (call) return call;
  Error error = std::move(call).error();
  const auto provider = find_provider(name);
  error.provider = provider ? (*provider)->name : std::string(name);
  return error;
}

}  // namespace

Result<std::vector<ModelInfo>> list_models(std::string_view name, const Options& options) {
  return guarded([&] { return run_here(named_listing_call(name, options)); });
}

Pending<std::vector<ModelInfo>> list_models_async(std::string_view name, const Options& options) {
  return run_on_loop(named_listing_call(name, options));
}

}  // namespace abstractllm
