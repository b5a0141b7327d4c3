// SPDX-License-Identifier: Apache-2.0
#include "base/secret.hpp"

namespace abstractllm {

std::vector<std::string_view> secrets_of(const HttpRequest& request) {
  constexpr std::size_t shortest = 4;
  std::vector<std::string_view> secrets;
  for (const HttpHeader& header : request.headers) {
    if (!header.secret) continue;
    const std::string_view value = header.value;
    if (value.size() >= shortest) secrets.push_back(value);
    const std::size_t blank = value.rfind(' ');
    if (blank != std::string_view::npos && value.size() - blank - 1 >= shortest)
      secrets.push_back(value.substr(blank + 1));
  }
  return secrets;
}

void mask(std::string& text, std::string_view secret) {
  for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + secret.size()))
    text.replace(at, secret.size(), secret.size(), '*');
}

}  // namespace abstractllm
