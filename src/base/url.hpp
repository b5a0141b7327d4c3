// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace abstractllm {

// These functions must agree with libcurl: the host that they return must be the host to which libcurl connects.

/// Whether it begins with http:// or https://, in any case.
bool is_http_url(std::string_view url);

/// Whether it begins with https://, in letters of any case.
bool is_https_url(std::string_view url);

/// "https://host:port" of a URL, without user and password.
std::string origin_of(std::string_view url);

/// Whether both have the same scheme (http or https), host and port. A missing port is the port of the scheme.
bool same_server(std::string_view url, std::string_view other);

/// The host in a URL, in lower case, without port, user and brackets.
std::string host_of(std::string_view url);

/// Whether there is a user name before the host.
bool has_user(std::string_view url);

/// The URL for errors and logs, without the parts that may be secret: user, password, query and fragment.
std::string shown_url(std::string_view url);

/// The target of `location` relative to `url` (RFC 3986 §5.2, without the merging of "..", which servers do
/// themselves).
std::string resolve_url(std::string_view url, std::string_view location);

/// The text as a part of a URL's path: all but letters, digits and "-._~" is written as %XX; '/' stays where
/// `keep_slashes`.
std::string url_encoded(std::string_view text, bool keep_slashes);

}  // namespace abstractllm
