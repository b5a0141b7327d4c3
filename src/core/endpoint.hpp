// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "abstractllm/provider.hpp"

namespace abstractllm {

/// The URL of `path` (starts with '/') at the base URL that these options or the provider name. Errors: not_configured
/// for a base URL that is missing, has no scheme, or holds a password, a query or characters that no URL has.
Result<std::string> endpoint(const Provider& provider, const Options& options, std::string_view path);

/// Adds the header that carries the key, where there is a key, and Options::extra_headers; one of these that has a
/// header's name takes its place.
void add_credentials(const Provider& provider, const Options& options, HttpRequest& request);

}  // namespace abstractllm
