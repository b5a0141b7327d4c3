// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace abstractllm {

// What libcurl makes of a URL is what counts: whoever is told "this host" here must be who is connected to there.

/// Whether it begins with http:// or https://, in letters of any case.
bool is_http_url(std::string_view url);

/// Whether it begins with https://, in letters of any case.
bool is_https_url(std::string_view url);

/// "https://host:port" of a URL, without user and password.
std::string origin_of(std::string_view url);

/// Whether both have the same scheme (http or https), host and port. A port that is left out is that of the scheme.
bool same_server(std::string_view url, std::string_view other);

/// The host in a URL, in small letters, without port, user and brackets.
std::string host_of(std::string_view url);

/// Whether a user name stands before the host.
bool has_user(std::string_view url);

/// For errors and logs: without what may be a secret, which is user, password, query and fragment.
std::string shown_url(std::string_view url);

/// Where `location` leads from `url` (RFC 3986 §5.2, without the merging of "..", which servers do themselves).
std::string resolve_url(std::string_view url, std::string_view location);

/// The text as a part of a URL's path: all but letters, digits and "-._~" is written as %XX; '/' stays where
/// `keep_slashes`.
std::string url_encoded(std::string_view text, bool keep_slashes);

}  // namespace abstractllm
