// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "abstractllm/provider.hpp"

namespace abstractllm {

/// Returns the URL of `path` (which starts with '/') at the base URL of these options or of the provider. "/../props"
/// is beside the /v1 of the base URL. People paste base URLs that end in the path of a call. That path is removed, and
/// the query is put at the end. Errors: not_configured for a base URL that is missing, has no scheme, holds a password,
/// a fragment or characters that are invalid in a URL, or is an address of Azure's portal.
Result<std::string> endpoint(const Provider& provider, const Options& options, std::string_view path);

/// Completes the request of a protocol with its whole URL and the credentials. Errors: those of `http` and of
/// endpoint().
Result<HttpRequest> address(const Provider& provider, const Options& options, Result<HttpRequest> http);

/// Returns the host of a URL as ProviderData names it: in lower case, with the port if it is not the default of the
/// scheme.
std::string server_of(std::string_view url);

/// Whether the options have a header that replaces the key: the provider's own, or Authorization.
bool has_own_credentials(const Provider& provider, const Options& options);

/// Adds method and URL to an error of a kind that a wrong address causes (404, 405, a redirect). It also says what is
/// odd about the URL: a path that occurs twice, or one that servers do not have.
void explain_address(const HttpRequest& request, Error& error);

/// Adds the header with the key, if there is a key, and Options::extra_headers. An extra header replaces a header of
/// the same name.
void add_credentials(const Provider& provider, const Options& options, HttpRequest& request);

}  // namespace abstractllm
