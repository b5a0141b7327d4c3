// SPDX-License-Identifier: Apache-2.0
#include "core/prepare.hpp"

#include <algorithm>

namespace abstractllm {
namespace {

Result<std::shared_ptr<const Protocol>> choose_protocol(const Provider& provider, const Options& options) {
  if (!options.protocol()) return provider.protocols.front();
  std::string spoken;
  for (const auto& protocol : provider.protocols) {
    if (protocol->name() == *options.protocol()) return protocol;
    spoken += (spoken.empty() ? "" : ", ") + std::string(protocol->name());
  }
  return Error(ErrorKind::invalid_argument, "provider " + provider.name + " does not speak protocol '" +
                                                *options.protocol() + "'; it speaks " + spoken);
}

Result<void> check_messages(const std::vector<Message>& messages) {
  if (messages.empty()) return Error(ErrorKind::invalid_argument, "there is no message to answer");
  if (messages.back().text().empty()) return Error(ErrorKind::invalid_argument, "the prompt is empty");
  return {};
}

}  // namespace

Result<PreparedRequest> prepare(const Provider& provider, const Options& instance, std::vector<Message> messages,
                                const Options& call, Delivery delivery) {
  if (auto valid = call.validate(); !valid) return std::move(valid).error();
  if (auto valid = check_messages(messages); !valid) return std::move(valid).error();

  PreparedRequest prepared;
  prepared.request.messages = std::move(messages);
  prepared.request.options = call.over(instance);
  prepared.request.delivery = delivery;
  const Options& options = prepared.request.options;

  auto protocol = choose_protocol(provider, options);
  if (!protocol) return std::move(protocol).error();
  prepared.protocol = *protocol;

  auto http = prepared.protocol->encode(prepared.request);
  if (!http) return std::move(http).error();
  http->url = options.base_url().value_or(provider.base_url) + http->url;
  if (options.extra_headers())
    // Secret one and all: a header that a user adds is as often as not a key.
    for (const auto& [name, value] : *options.extra_headers()) http->headers.emplace_back(name, value, /*secret=*/true);
  prepared.http = std::make_shared<const HttpRequest>(std::move(*http));
  return prepared;
}

}  // namespace abstractllm
