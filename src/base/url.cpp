// SPDX-License-Identifier: Apache-2.0
#include "base/url.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "base/ascii.hpp"

namespace abstractllm {
namespace {

struct Parts {
  std::string_view scheme;  ///< with its "://"
  std::string_view user;    ///< with its "@"
  std::string_view host;    ///< with its port
  std::string_view rest;    ///< path, query and fragment
};

// A backslash does not end the host: in http://a\@b/ the host is b, as in libcurl.
Parts parts_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t begin = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::size_t end = std::min(url.find_first_of("/?#", begin), url.size());
  const std::string_view authority = url.substr(begin, end - begin);
  const std::size_t host = authority.rfind('@') + 1;  // 0 if there is none
  return {url.substr(0, begin), authority.substr(0, host), authority.substr(host), url.substr(end)};
}

/// The port of an http or https URL, or 0 if it cannot be read.
int port_of(const Parts& parts) {
  const std::string_view host = parts.host;
  const std::size_t colon = host.find(':', host.starts_with('[') ? host.find(']') : 0);
  if (colon == std::string_view::npos || colon + 1 == host.size())
    return lowered(parts.scheme) == "https://" ? 443 : 80;
  int port = 0;
  const auto [end, failure] = std::from_chars(host.data() + colon + 1, host.data() + host.size(), port);
  return failure == std::errc() && end == host.data() + host.size() ? port : 0;
}

/// Whether the text after the host's last colon, if there is one, can be a port.
bool has_port_of_digits(std::string_view host) {
  if (host.ends_with(']')) return true;
  const std::size_t colon = host.rfind(':');
  return colon == std::string_view::npos || host.find_first_not_of("0123456789", colon + 1) == std::string_view::npos;
}

}  // namespace

bool is_http_url(std::string_view url) {
  return is_https_url(url) || lowered(url.substr(0, std::string_view("http://").size())) == "http://";
}

bool is_https_url(std::string_view url) {
  constexpr std::string_view scheme = "https://";
  return lowered(url.substr(0, scheme.size())) == scheme;
}

std::string origin_of(std::string_view url) {
  const Parts parts = parts_of(url);
  return std::string(parts.scheme) + std::string(parts.host);
}

bool same_server(std::string_view url, std::string_view other) {
  if (!is_http_url(url) || !is_http_url(other) || host_of(url).empty()) return false;
  const Parts a = parts_of(url);
  const Parts b = parts_of(other);
  const int port = port_of(a);
  return lowered(a.scheme) == lowered(b.scheme) && host_of(url) == host_of(other) && port > 0 && port == port_of(b);
}

std::string host_of(std::string_view url) {
  const std::string_view host = parts_of(url).host;
  return lowered(host.starts_with('[') ? host.substr(1, host.find(']') - 1) : host.substr(0, host.find(':')));
}

bool has_user(std::string_view url) { return !parts_of(url).user.empty(); }

std::string shown_url(std::string_view url) {
  const Parts parts = parts_of(url);
  const std::string_view rest = parts.rest;
  // A password with '#', '?' or '/' in it ends the host early, and so does a missing slash: "http://user:pa#ss@host",
  // "http:/user:pass@host".
  const bool may_hold_user = parts.scheme.empty() || !has_port_of_digits(parts.host);
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos && may_hold_user)
    return std::string(parts.scheme) + "…@" + shown_url(rest.substr(at + 1));
  const std::size_t query = rest.find_first_of("?#");
  std::string shown = origin_of(url) + std::string(rest.substr(0, query));
  return query == std::string_view::npos ? shown : shown + "?…";
}

std::string resolve_url(std::string_view url, std::string_view location) {
  const std::size_t colon = location.find(':');
  const bool absolute = colon != std::string_view::npos && location.find_first_of("/?#") > colon;
  if (absolute) return std::string(location);
  const Parts parts = parts_of(url);
  if (location.starts_with("//")) return std::string(parts.scheme.substr(0, parts.scheme.find('/'))).append(location);
  std::string base(url.substr(0, url.size() - parts.rest.size()));
  if (location.starts_with('/')) return base.append(location);
  const std::string_view path = parts.rest.substr(0, parts.rest.find_first_of("?#"));
  if (location.starts_with('?')) return base.append(path).append(location);
  base += path.empty() ? "/" : path.substr(0, path.rfind('/') + 1);
  return base.append(location);
}

std::string url_encoded(std::string_view text, bool keep_slashes) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").find(c) != std::string_view::npos || (keep_slashes && c == '/');
    const auto byte = static_cast<unsigned char>(c);
    if (plain) encoded += c;
    else (encoded += '%').append({digits[byte >> 4], digits[byte & 15]});
  }
  return encoded;
}

}  // namespace abstractllm
