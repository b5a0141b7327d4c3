// SPDX-License-Identifier: Apache-2.0
#include "core/prepare.hpp"

#include <algorithm>
#include <utility>

#include "core/check_messages.hpp"
#include "core/endpoint.hpp"
#include "core/image_messages.hpp"
#include "core/operations.hpp"

namespace abstractllm {
namespace {

Result<void> check_model(const Provider& provider, const Options& options) {
  if (!provider.model_required || !options.model().value_or("").empty()) return {};
  return Error(ErrorKind::invalid_argument,
               "provider " + provider.name +
                   " has no default model: name one (option model, -m); `abstractllm models -p " + provider.name +
                   "` lists them");
}

template <class T>
bool is_given(const std::optional<T>& value) {
  if constexpr (requires(const T& some) { some.empty(); }) return value && !value->empty();
  else return value.has_value();
}

/// Encodes a request with the protocol and adds its URL and key.
Result<EncodedRequest> encode(const Provider& provider, const Protocol& protocol, const Request& request) {
  auto encoded = protocol.encode(request);
  if (!encoded) return encoded;
  auto http = address(provider, request.options, std::move(encoded->http));
  if (!http) return std::move(http).error();
  encoded->http = *std::move(http);
  return encoded;
}

Result<void> take_warnings(PreparedRequest& prepared, std::vector<Warning> warnings) {
  if (prepared.request.options.strict().value_or(false) && !warnings.empty())
    return Error(ErrorKind::unsupported, warnings.front().message + " (strict)");
  prepared.warnings.insert(prepared.warnings.end(), std::make_move_iterator(warnings.begin()),
                           std::make_move_iterator(warnings.end()));
  return {};
}

/// Provider data is only for the provider that sent it. Another provider would refuse the whole request.
Result<void> keep_own_data(const Provider& provider, PreparedRequest& prepared) {
  if (!hold_provider_data(prepared.request.messages)) return {};
  // An invalid URL becomes an error when the request is encoded.
  const std::string url = endpoint(provider, prepared.request.options, "").value_or(std::string());
  if (!drop_foreign_data(prepared.request.messages, provider, *prepared.protocol, url)) return {};
  return take_warnings(prepared, {{"reasoning_dropped",
                                   "reasoning of another provider, protocol or host is not sent: only the one that "
                                   "gave it can read it"}});
}

Result<void> encode_text(const Provider& provider, PreparedRequest& prepared) {
  auto encoded = encode(provider, *prepared.protocol, prepared.request);
  if (!encoded) return std::move(encoded).error();
  if (auto taken = take_warnings(prepared, std::move(encoded->warnings)); !taken) return taken;
  prepared.http = std::make_shared<const HttpRequest>(std::move(encoded->http));
  return {};
}

/// Encodes the request for a model that cannot see.
Result<void> encode_blind(const Provider& provider, PreparedRequest& prepared) {
  if (auto taken = take_warnings(prepared, {image_dropped(prepared.request)}); !taken) return taken;
  auto text = without_images(prepared.request.messages);
  if (!text) return std::move(text).error();
  prepared.request.messages = *std::move(text);
  return encode_text(provider, prepared);
}

std::shared_ptr<LateImages> late_images(const Provider& provider, const PreparedRequest& prepared, ImagePlan plan,
                                        HttpRequest http, bool may_be_blind) {
  auto late = std::make_shared<LateImages>(std::move(plan), std::move(http));
  late->dropped = image_dropped(prepared.request);
  late->may_be_blind = may_be_blind;
  if (!may_be_blind) return late;
  Request blind = prepared.request;
  auto text = without_images(blind.messages);
  if (!text) {
    late->blind = std::move(text).error();
    return late;
  }
  blind.messages = *std::move(text);
  auto encoded = encode(provider, *prepared.protocol, blind);
  late->blind = encoded ? Result<HttpRequest>(std::move(encoded->http)) : std::move(encoded).error();
  return late;
}

Result<void> encode_images(const Provider& provider, PreparedRequest& prepared) {
  const Options& options = prepared.request.options;
  const std::optional<bool> vision = known_capabilities(provider, options).vision;
  if (vision == false) return encode_blind(provider, prepared);
  const bool may_be_blind = !vision && provider.describes_models;
  auto plan = ImagePlan::make(prepared.request.messages, provider, options);
  if (!plan) return std::move(plan).error();
  prepared.request.images = plan->data();
  auto encoded = encode(provider, *prepared.protocol, prepared.request);
  if (!encoded) return std::move(encoded).error();
  if (auto taken = take_warnings(prepared, std::move(encoded->warnings)); !taken) return taken;
  prepared.images = plan->description();
  prepared.shown_body = plan->shown(encoded->http.body);

  if (may_be_blind || !plan->to_fetch().empty()) {
    auto shown = std::make_shared<HttpRequest>(encoded->http);
    shown->body = prepared.shown_body;
    prepared.http = std::move(shown);
    prepared.late_images = late_images(provider, prepared, *std::move(plan), std::move(encoded->http), may_be_blind);
    return {};
  }
  auto body = plan->fill(encoded->http.body);
  if (!body) return std::move(body).error();
  encoded->http.body = *std::move(body);
  prepared.http = std::make_shared<const HttpRequest>(std::move(encoded->http));
  return {};
}

}  // namespace

std::vector<Warning> unread_engine_options(const Provider& provider, const Protocol& protocol, const Options& options) {
  std::vector<Warning> warnings;
  if (provider.transport) return warnings;  // the transport may read all of them
  const auto sent = protocol.engine_options();
  const auto check = [&](std::string_view name, OptionScope scope, bool given) {
    if (!given || scope != OptionScope::engine || std::find(sent.begin(), sent.end(), name) != sent.end()) return;
    warnings.push_back({"option_ignored", "option " + std::string(name) +
                                              " is not sent: it is for models that run in this process, and those of " +
                                              provider.name + " do not"});
  };
#define ABSTRACTLLM_OPTION(name, kind, scope, trust, transport, unit, min, max, flag, help) \
  check(#name, OptionScope::scope, is_given(options.name()));
#include "abstractllm/options.def"
#undef ABSTRACTLLM_OPTION
  return warnings;
}

Warning tls_not_verified() {
  return {"tls_not_verified",
          "the server's certificate is not verified (insecure): anyone on the way can read the key and change the "
          "answer"};
}

Result<void> check_key(const Provider& provider, const Options& options) {
  if (!provider.key_required || provider.key_variable.empty() || options.api_key() || options.replay()) return {};
  if (has_own_credentials(provider, options)) return {};
  std::string variables = provider.key_variable;
  for (const HeaderVariable& each : provider.header_variables)
    if (each.header == "Authorization") variables += " or " + each.variable;
  return Error(ErrorKind::not_configured, "provider " + provider.name + " needs a key: set the environment variable " +
                                              variables + ", or the option api_key");
}

Result<PreparedRequest> prepare_chat(const Provider& provider, const Options& instance, std::vector<Message> messages,
                                     const Options& call, Delivery delivery) {
  if (auto valid = call.validate(); !valid) return std::move(valid).error();

  PreparedRequest prepared;
  prepared.request.options = call.over(instance);
  prepared.request.delivery = delivery;
  const Options& options = prepared.request.options;
  auto all = with_images(std::move(messages), options);
  if (!all) return std::move(all).error();
  prepared.request.messages = *std::move(all);
  if (auto valid = check_messages(prepared.request.messages); !valid) return std::move(valid).error();

  auto protocol = choose_protocol(provider, options);
  if (!protocol) return std::move(protocol).error();
  prepared.protocol = *protocol;

  if (auto named = check_model(provider, options); !named) return std::move(named).error();
  if (auto taken = take_warnings(prepared, unread_engine_options(provider, **protocol, options)); !taken)
    return std::move(taken).error();
  if (auto kept = keep_own_data(provider, prepared); !kept) return std::move(kept).error();
  Result<void> encoded = count_images(prepared.request.messages) == 0 ? encode_text(provider, prepared)
                                                                      : encode_images(provider, prepared);
  if (!encoded) return std::move(encoded).error();
  if (options.insecure().value_or(false)) prepared.warnings.push_back(tls_not_verified());
  return prepared;
}

}  // namespace abstractllm
