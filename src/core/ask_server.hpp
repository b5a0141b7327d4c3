// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "abstractllm/provider.hpp"

namespace abstractllm {

/// Sends a question that is no call to a model and waits for the body of the answer; with the retries and timeouts of
/// a call. `what` names the answer in errors: "the listing". Errors: as a call's; protocol above 64 MiB.
Result<std::string> ask_server(const Provider& provider, const Options& options, HttpRequest http, std::string what);

/// The same over a transport that is there.
Result<std::string> ask_server(std::shared_ptr<Transport> transport, const Provider& provider, const Options& options,
                               HttpRequest http, std::string what);

}  // namespace abstractllm
