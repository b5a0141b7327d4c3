// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "core/prepare.hpp"

namespace abstractllm {

/// Provider::preload_request, which must not be empty: returns once the model is loaded. Errors: as a call's.
Result<void> ask_to_load(std::shared_ptr<Transport> transport, const Provider& provider, const Options& options);

/// Tokens of the prepared call. Errors: unsupported (a provider that does not count, images); as a call's.
Result<std::int64_t> ask_to_count(std::shared_ptr<Transport> transport, const Provider& provider,
                                  const PreparedRequest& prepared);

}  // namespace abstractllm
