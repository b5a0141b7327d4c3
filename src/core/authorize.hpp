// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "abstractllm/provider.hpp"

namespace abstractllm {

/// Provider::authorize with the options of one call. If it is empty, requests are sent unchanged.
using Authorize = std::function<Result<void>(HttpRequest&)>;

Authorize authorize_of(const Provider& provider, const Options& options);

/// Sets `request` to `plain` with the changes of `authorize`, for one attempt. Errors: those of the hook, and
/// `internal` for an exception.
Result<void> authorize_into(const Authorize& authorize, const std::shared_ptr<const HttpRequest>& plain,
                            std::shared_ptr<const HttpRequest>& request);

}  // namespace abstractllm
