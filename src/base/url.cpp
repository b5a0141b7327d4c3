// SPDX-License-Identifier: Apache-2.0
#include "base/url.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace abstractllm {
namespace {

struct Parts {
  std::string_view scheme;  ///< with its "://"
  std::string_view user;    ///< with its "@"
  std::string_view host;    ///< with its port
};

// A backslash ends nothing: in http://a\@b/ the host is b, as for libcurl.
Parts parts_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t begin = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::string_view authority = url.substr(begin, url.find_first_of("/?#", begin) - begin);
  const std::size_t host = authority.rfind('@') + 1;  // 0 where there is none
  return {url.substr(0, begin), authority.substr(0, host), authority.substr(host)};
}

}  // namespace

bool is_http_url(std::string_view url) {
  const std::string scheme = lowered(url.substr(0, std::string_view("https://").size()));
  return scheme.starts_with("http://") || scheme == "https://";
}

std::string origin_of(std::string_view url) {
  const Parts parts = parts_of(url);
  return std::string(parts.scheme) + std::string(parts.host);
}

std::string host_of(std::string_view url) {
  const std::string_view host = parts_of(url).host;
  return lowered(host.starts_with('[') ? host.substr(1, host.find(']') - 1) : host.substr(0, host.find(':')));
}

bool has_user(std::string_view url) { return !parts_of(url).user.empty(); }

std::string shown_url(std::string_view url) {
  const std::size_t end = url.find_first_of("?#");
  const Parts parts = parts_of(url);
  const std::size_t path = parts.scheme.size() + parts.user.size() + parts.host.size();
  std::string shown = origin_of(url);
  if (path < url.size()) shown += url.substr(path, end - path);
  return end == std::string_view::npos ? shown : shown + "?…";
}

std::string resolve_url(std::string_view url, std::string_view location) {
  const std::size_t colon = location.find(':');
  const bool absolute = colon != std::string_view::npos && location.find_first_of("/?#") > colon;
  if (absolute) return std::string(location);
  const std::size_t scheme = url.find("://");
  if (location.starts_with("//")) return std::string(url.substr(0, scheme + 1)) + std::string(location);
  const std::size_t path = std::min(url.find_first_of("/?#", scheme + 3), url.size());
  if (location.starts_with('/')) return std::string(url.substr(0, path)) + std::string(location);
  const std::string_view base = url.substr(0, url.find_first_of("?#"));
  if (location.starts_with('?')) return std::string(base) + std::string(location);
  const std::size_t slash = base.rfind('/');
  if (slash < path) return std::string(base) + "/" + std::string(location);
  return std::string(base.substr(0, slash + 1)) + std::string(location);
}

}  // namespace abstractllm
