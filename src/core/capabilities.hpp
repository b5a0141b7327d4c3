// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/image_transport.hpp"

namespace abstractllm {

/// What is known of the model without asking anybody: from the provider, else from the table of known models.
Capabilities capabilities_of(const Provider& provider, const Options& options);

/// The same, and from the provider's server where it can be asked. Blocks. Errors: as a call's.
Result<Capabilities> ask_capabilities(const Provider& provider, const Options& options);

/// The question for Provider::show_request, or another that is written like it. Errors: not_configured.
Result<HttpRequest> question(const Provider& provider, const Options& options, std::string_view asked);

/// How pictures are fetched for a call with these options.
void set_image_transports(const Provider& provider, const Options& options, LateImages& images);

}  // namespace abstractllm
