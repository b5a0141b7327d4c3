// SPDX-License-Identifier: Apache-2.0
#include "providers/ollama/ollama_host.hpp"

namespace abstractllm {

std::string ollama_base_url(std::string_view host) {
  constexpr std::string_view default_port = ":11434";
  if (host.find("://") != std::string_view::npos) return std::string(host);
  const std::size_t slash = host.find('/');
  const std::string_view path = slash == std::string_view::npos ? std::string_view() : host.substr(slash);
  std::string authority(host.substr(0, slash));
  const bool port_alone = authority.rfind(':') == 0;
  if (authority.empty() || port_alone) authority.insert(0, "127.0.0.1");
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.rfind(':');
  const bool has_port = colon != std::string::npos && (bracket == std::string::npos || colon > bracket);
  // More than one colon without brackets means a bare IPv6 address.
  if (bracket == std::string::npos && has_port && authority.find(':') != colon)
    authority = "[" + authority + "]" + std::string(default_port);
  else if (!has_port) authority += default_port;
  return "http://" + authority + std::string(path);
}

}  // namespace abstractllm
