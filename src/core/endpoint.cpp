// SPDX-License-Identifier: Apache-2.0
#include "core/endpoint.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/url.hpp"

namespace abstractllm {
namespace {

bool alike(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

Error refused(const Provider& provider, std::string_view base_url, std::string_view why) {
  return {ErrorKind::not_configured,
          "the base URL of provider " + provider.name + " is '" + std::string(base_url) + "', " + std::string(why)};
}

Result<void> check_base_url(const Provider& provider, std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos)
    return refused(provider, url, "which has no scheme: write http://" + std::string(url) + " or https://…");
  // Not quoted: it holds a password.
  if (has_user(url))
    return Error(ErrorKind::not_configured,
                 "the base URL of provider " + provider.name +
                     " holds a user name or password: use the option api_key or extra_headers");
  if (host_of(url).empty()) return refused(provider, url, "which names no host");
  if (std::any_of(url.begin(), url.end(), [](char c) { return (c >= 0 && c <= ' ') || c == 0x7f; }))
    return refused(provider, url, "which holds a blank or a control character");
  if (url.find_first_of("?#") != std::string_view::npos)
    return refused(provider, url, "which holds a query: nothing can be appended to it");
  const std::string_view name = url.substr(0, scheme);
  if (!alike(name, "http") && !alike(name, "https") && !provider.base_url.starts_with(name))
    return refused(provider, url, "which is neither http nor https");
  return {};
}

void set_header(HttpRequest& request, const std::string& name, std::string value) {
  std::erase_if(request.headers, [&](const HttpHeader& header) { return alike(header.name, name); });
  request.headers.emplace_back(name, std::move(value), /*secret=*/true);
}

}  // namespace

Result<std::string> endpoint(const Provider& provider, const Options& options, std::string_view path) {
  std::string_view base = provider.base_url;
  if (options.base_url()) base = *options.base_url();
  if (base.empty()) {
    std::string how = "set the option base_url (--base-url)";
    if (!provider.base_url_variable.empty()) how += " or the environment variable " + provider.base_url_variable;
    return Error(ErrorKind::not_configured, "provider " + provider.name + " has no base URL of its own: " + how);
  }
  if (auto fits = check_base_url(provider, base); !fits) return std::move(fits).error();
  while (base.ends_with('/')) base.remove_suffix(1);
  return std::string(base) + std::string(path);
}

void add_credentials(const Provider& provider, const Options& options, HttpRequest& request) {
  if (options.api_key()) set_header(request, provider.key_header, provider.key_prefix + *options.api_key());
  if (!options.extra_headers()) return;
  // Secret one and all: a header that a user adds is as often as not a key.
  for (const auto& [name, value] : *options.extra_headers()) set_header(request, name, value);
}

}  // namespace abstractllm
