// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "abstractllm/provider.hpp"
#include "transport/curl/curl_transport.hpp"

namespace abstractllm {

/// Opens the transport for this provider's calls with these merged options. It is the provider's own transport or HTTP,
/// recorded if Options::record says so, or a replay in its place. Errors: those of the transport; not_configured for a
/// file that cannot be read or written.
Result<std::shared_ptr<Transport>> open_transport(const Provider& provider, const Options& options);

/// Opens the transport that fetches images: HTTP, with at most 30 s for each image, without the provider's key.
std::shared_ptr<Transport> open_media_transport(const Options& options, Addresses addresses);

}  // namespace abstractllm
