// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/registry.hpp"
#include "base/thrown.hpp"
#include "core/merge.hpp"
#include "core/operations.hpp"
#include "providers/open_transport.hpp"
#include "providers/registry.hpp"

namespace abstractllm {
namespace {

using Models = std::vector<ModelInfo>;

Result<OperationCall<Models>> listing_call(std::string_view name, const Options& asked) {
  auto provider = find_provider(name);
  if (!provider) return std::move(provider).error();
  auto options = instance_options(**provider, asked);
  if (!options) return std::move(options).error();
  return models_call(*provider, *options, [&](const Options& merged) { return open_transport(**provider, merged); });
}

/// Errors that are found before anything is sent also get the provider's name.
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
