// SPDX-License-Identifier: Apache-2.0
#include "core/authorize.hpp"

#include <utility>

#include "base/secret.hpp"
#include "base/thrown.hpp"

namespace abstractllm {

Authorize authorize_of(const Provider& provider, const Options& options) {
  if (!provider.authorize) return {};
  return [hook = provider.authorize, options](HttpRequest& request) { return hook(request, options); };
}

Result<void> authorize_into(const Authorize& authorize, const std::shared_ptr<const HttpRequest>& plain,
                            std::shared_ptr<const HttpRequest>& request) {
  if (!authorize) return {};
  auto signed_request = std::make_shared<HttpRequest>(*plain);
  if (auto done = guarded([&] { return authorize(*signed_request); }); !done) {
    // What the hook repeats of the secrets that it has just set must not reach a log.
    Error error = std::move(done).error();
    Secrets(*signed_request).mask(error);
    return error;
  }
  request = std::move(signed_request);
  return {};
}

}  // namespace abstractllm
