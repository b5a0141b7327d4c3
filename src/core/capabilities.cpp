// SPDX-License-Identifier: Apache-2.0
#include "core/capabilities.hpp"

#include "base/json.hpp"
#include "core/ask_server.hpp"
#include "core/endpoint.hpp"
#include "providers/known_models.hpp"
#include "providers/open_transport.hpp"

namespace abstractllm {

Capabilities capabilities_of(const Provider& provider, const Options& options) {
  Capabilities found = provider.capabilities ? provider.capabilities(options) : Capabilities();
  if (!found.vision) found.vision = known_vision(provider.name, options.model().value_or(""));
  return found;
}

Result<Capabilities> ask_capabilities(const Provider& provider, const Options& options) {
  const Capabilities known = capabilities_of(provider, options);
  if (known.vision || provider.show_request.empty()) return known;
  auto asked = question(provider, options, provider.show_request);
  if (!asked) return std::move(asked).error();
  auto body = ask_server(provider, options, *std::move(asked), "what the model can do");
  if (!body) return std::move(body).error();
  return read_capabilities(*body);
}

Result<HttpRequest> question(const Provider& provider, const Options& options, std::string_view asked) {
  const std::size_t blank = asked.find(' ');
  auto url = endpoint(provider, options, asked.substr(blank + 1));
  if (!url) return std::move(url).error();
  HttpRequest http;
  http.method = asked.substr(0, blank);
  http.url = *std::move(url);
  http.headers.emplace_back("Accept", "application/json");
  if (http.method == "POST") {
    http.headers.emplace_back("Content-Type", "application/json");
    http.body = dump_json({{"model", options.model().value_or("")}});
  }
  add_credentials(provider, options, http);
  return http;
}

void set_image_transports(const Provider& provider, const Options& options, LateImages& images) {
  const bool anywhere = options.allow_private_image_urls().value_or(false);
  images.to_any = open_image_transport(options, Addresses::any);
  images.to_public = anywhere ? images.to_any : open_image_transport(options, Addresses::public_only);
  images.base_url = options.base_url().value_or(provider.base_url);
}

}  // namespace abstractllm
