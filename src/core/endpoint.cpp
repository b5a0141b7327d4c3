// SPDX-License-Identifier: Apache-2.0
#include "core/endpoint.hpp"

#include <algorithm>
#include <optional>

#include "base/ascii.hpp"
#include "base/url.hpp"

namespace abstractllm {
namespace {

bool alike(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

Error refused(const Provider& provider, std::string_view base_url, std::string_view why) {
  return {ErrorKind::not_configured,
          "the base URL of provider " + provider.name + " is '" + shown_url(base_url) + "', " + std::string(why)};
}

std::string_view path_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t begin = url.find_first_of("/?#", scheme == std::string_view::npos ? 0 : scheme + 3);
  if (begin == std::string_view::npos) return {};
  return url.substr(begin, url.find_first_of("?#", begin) - begin);
}

/// Azure's portal shows the address of the resource, and the address of a deployment with its version. Neither accepts
/// calls of its v1 API (learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle, 2026-11).
std::optional<Error> azure_portal_error(const Provider& provider, std::string_view url, const std::string& host) {
  if (!host.ends_with(".azure.com")) return std::nullopt;
  constexpr std::string_view deployments = "/openai/deployments/";
  const std::string_view path = path_of(url);
  const bool resource = host.ends_with(".openai.azure.com") || host.ends_with(".cognitiveservices.azure.com");
  if (!resource && !path.starts_with(deployments)) return std::nullopt;
  if (path.starts_with("/openai/v1")) return std::nullopt;
  std::string how = "which is an address of Azure's portal: write https://" + host + "/openai/v1";
  if (path.starts_with(deployments)) {
    const std::string_view name = path.substr(deployments.size());
    how += ", and name the deployment '" + std::string(name.substr(0, name.find('/'))) + "' as the model";
  }
  return refused(provider, url, how);
}

Result<void> check_base_url(const Provider& provider, std::string_view url) {
  const std::size_t scheme = url.find("://");
  // The URL is not quoted, because it holds a password.
  if (has_user(url))
    return Error(ErrorKind::not_configured,
                 "the base URL of provider " + provider.name +
                     " holds a user name or password: use the option api_key or extra_headers");
  if (scheme == std::string_view::npos)
    return refused(provider, url, "which has no scheme: write http://" + shown_url(url) + " or https://…");
  const std::string host = host_of(url);
  if (host.empty()) return refused(provider, url, "which names no host");
  if (std::any_of(url.begin(), url.end(), [](char c) { return (c >= 0 && c <= ' ') || c == 0x7f; }))
    return refused(provider, url, "which holds a blank or a control character");
  const std::string_view authority = url.substr(scheme + 3, url.find_first_of("/?#", scheme + 3) - scheme - 3);
  const std::size_t colon = authority.ends_with(']') ? std::string_view::npos : authority.rfind(':');
  if (colon != std::string_view::npos && authority.find_first_not_of("0123456789", colon + 1) != std::string_view::npos)
    return refused(provider, url, "whose port is not a number");
  if (auto portal = azure_portal_error(provider, url, host)) return *std::move(portal);
  if (url.find('#') != std::string_view::npos)
    return refused(provider, url, "which has a fragment ('#'): servers never see it");
  const std::string_view name = url.substr(0, scheme);
  if (!alike(name, "http") && !alike(name, "https") && !provider.base_url.starts_with(name))
    return refused(provider, url, "which is neither http nor https");
  return {};
}

/// Returns "https://h/v1" for "https://h/v1/chat/completions".
std::string_view without_call_path(const Provider& provider, std::string_view base) {
  while (base.ends_with('/')) base.remove_suffix(1);
  // Only paths of the provider's own protocols are removed, because another server may answer below such a path.
  for (const auto& protocol : provider.protocols) {
    for (const std::string_view path : protocol->call_paths()) {
      if (!base.ends_with(path)) continue;
      base.remove_suffix(path.size());
      while (base.ends_with('/')) base.remove_suffix(1);
      return base;
    }
  }
  return base;
}

/// Returns "/v1" for "/v1/v1/chat", and "/chat/completions" if that occurs twice in a row; otherwise "".
std::string_view repeated_part(std::string_view path) {
  constexpr std::size_t longest = 200;  // the longest part that people repeat by mistake
  for (std::size_t begin = 0; begin < std::min(path.size(), longest); ++begin) {
    if (path[begin] != '/') continue;
    for (std::size_t end = path.find('/', begin + 1); end != std::string_view::npos && end - begin <= longest;
         end = path.find('/', end + 1)) {
      const std::string_view part = path.substr(begin, end - begin);
      const std::string_view rest = path.substr(end);
      if (part.size() > 1 && rest.starts_with(part) && (rest.size() == part.size() || rest[part.size()] == '/'))
        return part;
    }
  }
  return {};
}

/// Returns what is odd about the URL of a call, or "".
std::string advice_on(std::string_view url) {
  const std::string_view path = path_of(url);
  if (const std::string_view twice = repeated_part(path); !twice.empty())
    return "; its path has " + std::string(twice) + " twice: take one out of the base URL";
  if (path.starts_with("/v1/api/")) return "; Ollama's own API is not below /v1: take /v1 out of the base URL";
  if (path == "/chat/completions" || path == "/responses" || path == "/models")
    return "; most servers answer below /v1: does the base URL lack it (" + origin_of(url) + "/v1)?";
  if (path.ends_with("/responses"))
    return "; a server that has Chat Completions only needs --protocol openai_chat (option protocol)";
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
  const std::size_t query = base.find('?');
  std::string url = std::string(without_call_path(provider, base.substr(0, query)));
  const std::string own_path = provider.path ? provider.path(path, options) : std::string(path);
  // Without the '/' it would become a part of the host's name, and the key would go to another host.
  if (!own_path.empty() && own_path.front() != '/')
    return Error(ErrorKind::invalid_argument,
                 "the path of provider " + provider.name + " does not begin with '/': " + shown_url(own_path));
  // "/../props" is beside the /v1 of the base URL, if it has one.
  const bool is_beside = own_path.starts_with("/../");
  if (is_beside && url.ends_with("/v1")) url.resize(url.size() - std::string_view("/v1").size());
  url += own_path.substr(is_beside ? 3 : 0);
  // A query of the base URL, such as Azure's api-version, belongs to every request.
  if (query == std::string_view::npos || query + 1 == base.size()) return url;
  url += url.find('?') == std::string::npos ? '?' : '&';
  return url += base.substr(query + 1);
}

Result<HttpRequest> address(const Provider& provider, const Options& options, Result<HttpRequest> http) {
  if (!http) return http;
  auto url = endpoint(provider, options, http->url);
  if (!url) return std::move(url).error();
  http->url = *std::move(url);
  add_credentials(provider, options, *http);
  return http;
}

std::string server_of(std::string_view url) {
  std::string origin = lowered(origin_of(url));
  const std::size_t scheme = origin.find("://");
  if (scheme == std::string::npos) return origin;
  std::string_view server = std::string_view(origin).substr(scheme + 3);
  const std::string_view port_of_scheme = origin.starts_with("https:") ? ":443" : ":80";
  if (server.ends_with(port_of_scheme)) server.remove_suffix(port_of_scheme.size());
  return std::string(server);
}

bool has_own_credentials(const Provider& provider, const Options& options) {
  if (!options.extra_headers()) return false;
  return std::any_of(options.extra_headers()->begin(), options.extra_headers()->end(), [&](const auto& header) {
    return alike(header.first, "Authorization") || alike(header.first, provider.key_header);
  });
}

void explain_address(const HttpRequest& request, Error& error) {
  const bool wrong_address =
      error.http_status == 404 || error.http_status == 405 || (error.http_status >= 300 && error.http_status < 400);
  if (!wrong_address || !is_http_url(request.url)) return;
  error.message += ": " + request.method + " " + shown_url(request.url);
  // The server was found, because it answers about the model.
  if (lowered(error.provider_message).find("model") == std::string::npos) error.message += advice_on(request.url);
}

void add_credentials(const Provider& provider, const Options& options, HttpRequest& request) {
  // A provider that signs its requests has no such header.
  if (options.api_key() && !provider.key_header.empty())
    set_header(request, provider.key_header, provider.key_prefix + *options.api_key());
  if (!options.extra_headers()) return;
  // All of these are secret, because a header that a user adds is often a key.
  for (const auto& [name, value] : *options.extra_headers()) set_header(request, name, value);
}

}  // namespace abstractllm
