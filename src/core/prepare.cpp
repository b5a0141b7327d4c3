// SPDX-License-Identifier: Apache-2.0
#include "core/prepare.hpp"

#include "core/endpoint.hpp"

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

Result<void> check_model(const Provider& provider, const Options& options) {
  if (!provider.model_required || !options.model().value_or("").empty()) return {};
  return Error(ErrorKind::invalid_argument,
               "provider " + provider.name +
                   " has no default model: name one (option model, -m); `abstractllm models -p " + provider.name +
                   "` lists them");
}

}  // namespace

Result<void> check_key(const Provider& provider, const Options& options) {
  if (!provider.key_required || provider.key_variable.empty() || options.api_key()) return {};
  return Error(ErrorKind::not_configured, "provider " + provider.name + " needs a key: set the environment variable " +
                                              provider.key_variable + ", or the option api_key");
}

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

  if (auto named = check_model(provider, options); !named) return std::move(named).error();
  auto encoded = prepared.protocol->encode(prepared.request);
  if (!encoded) return std::move(encoded).error();
  if (options.strict().value_or(false) && !encoded->warnings.empty())
    return Error(ErrorKind::unsupported, encoded->warnings.front().message + " (strict)");
  prepared.warnings = std::move(encoded->warnings);
  if (options.insecure().value_or(false))
    prepared.warnings.push_back({"tls_not_verified",
                                 "the server's certificate is not verified (insecure): anyone on the "
                                 "way can read the key and change the answer"});

  HttpRequest& http = encoded->http;
  auto url = endpoint(provider, options, http.url);
  if (!url) return std::move(url).error();
  http.url = *std::move(url);
  add_credentials(provider, options, http);
  prepared.http = std::make_shared<const HttpRequest>(std::move(http));
  return prepared;
}

}  // namespace abstractllm
