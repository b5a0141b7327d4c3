// SPDX-License-Identifier: Apache-2.0
#include "exchange/redirect.hpp"

#include "base/url.hpp"

namespace abstractllm {

Result<std::string> redirect_target(std::string_view url, const HttpHead& head) {
  const std::string* location = head.header("Location");
  return link_target(url, location == nullptr ? std::string_view() : *location, "redirect");
}

Result<std::string> link_target(std::string_view url, std::string_view location, std::string_view what) {
  const auto refused = [&](const char* why) {
    return Error(ErrorKind::protocol, "the " + std::string(what) + " from " + origin_of(url) + " " + why);
  };
  if (location.empty()) return refused("names no target");
  std::string target = resolve_url(url, location);
  if (!is_http_url(target)) return refused("leads to what is neither http nor https");
  // A user name before the host is a trap or a mistake.
  if (has_user(target)) return refused("leads to a URL with a user name");
  if (is_https_url(url) && !is_https_url(target)) return refused("leads from https to http");
  return target;
}

}  // namespace abstractllm
