// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "abstractllm/provider.hpp"

namespace abstractllm {

/// The URL of `path` (starts with '/') at the base URL that these options or the provider name; a base URL that ends in
/// the path of a call, as people paste it, is taken without it, and its query goes to the end. Errors: not_configured
/// for a base URL that is missing, has no scheme, holds a password, a fragment or characters that no URL has, or is an
/// address of Azure's portal.
Result<std::string> endpoint(const Provider& provider, const Options& options, std::string_view path);

/// The request that a protocol has written, with its whole URL and the credentials. Errors: those of `http`, and of
/// endpoint().
Result<HttpRequest> address(const Provider& provider, const Options& options, Result<HttpRequest> http);

/// The host of a URL as ProviderData names it: in small letters, with the port where it is not that of the scheme.
std::string server_of(std::string_view url);

/// Whether the options hold a header that stands in for the key: the provider's own, or Authorization.
bool has_own_credentials(const Provider& provider, const Options& options);

/// Names method and URL in an error of a kind that a wrong address causes (404, 405, a redirect), and what is odd about
/// the URL: a path twice, or none that servers answer below.
void explain_address(const HttpRequest& request, Error& error);

/// Adds the header that carries the key, where there is a key, and Options::extra_headers; one of these that has a
/// header's name takes its place.
void add_credentials(const Provider& provider, const Options& options, HttpRequest& request);

}  // namespace abstractllm
