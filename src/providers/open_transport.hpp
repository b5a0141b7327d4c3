// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "abstractllm/provider.hpp"

namespace abstractllm {

/// What carries this provider's calls with these merged options: its own transport or HTTP, recorded where
/// Options::record says so, or a replay in its place. Errors: those of the transport; not_configured for a file that
/// cannot be read or written.
Result<std::shared_ptr<Transport>> open_transport(const Provider& provider, const Options& options);

}  // namespace abstractllm
