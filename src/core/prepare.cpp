// SPDX-License-Identifier: Apache-2.0
#include "core/prepare.hpp"

#include <algorithm>
#include <utility>

#include "core/check_messages.hpp"
#include "core/endpoint.hpp"
#include "core/findings.hpp"
#include "core/media_messages.hpp"
#include "core/media_plan.hpp"
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

/// Leaves out what the model or the wire format is known not to take.
Result<void> drop_media(const Provider& provider, const Capabilities& known, PreparedRequest& prepared) {
  Request& request = prepared.request;
  const bool has_place = prepared.protocol->media().audio;
  MediaKinds dropped;
  if (known.vision == false && count_media(request.messages, MediaKind::image) > 0) dropped.add(MediaKind::image);
  if ((known.hearing == false || !has_place) && count_media(request.messages, MediaKind::audio) > 0)
    dropped.add(MediaKind::audio);
  if (dropped.empty()) return {};
  const std::string why =
      has_place ? "" : std::string(prepared.protocol->name()) + " of provider " + provider.name + " takes no audio";
  if (auto taken = take_warnings(prepared, dropped_media(request.messages, dropped, request.options, why)); !taken)
    return taken;
  auto rest = without_media(request.messages, dropped);
  if (!rest) return std::move(rest).error();
  request.messages = *std::move(rest);
  return {};
}

/// Leaves out images of results of tools that the wire format has no place for.
Result<void> drop_images_of_results(const Provider& provider, PreparedRequest& prepared) {
  std::vector<Message>& messages = prepared.request.messages;
  const std::size_t count = prepared.protocol->media().result_images ? 0 : count_result_images(messages);
  if (count == 0) return {};
  drop_result_images(messages);
  return take_warnings(prepared,
                       {{"image_dropped", std::string(prepared.protocol->name()) + " of provider " + provider.name +
                                              " takes no images in results of tools: " +
                                              (count == 1 ? "1 image was" : std::to_string(count) + " images were") +
                                              " left out of the request"}});
}

/// Returns the kinds of attachments that only the server knows whether the model takes.
MediaKinds unsure_media(const Provider& provider, const Capabilities& known, const Request& request) {
  MediaKinds unsure;
  if (!provider.describes_models) return unsure;
  if (!known.vision && count_media(request.messages, MediaKind::image) > 0) unsure.add(MediaKind::image);
  if (!known.hearing && count_media(request.messages, MediaKind::audio) > 0) unsure.add(MediaKind::audio);
  return unsure;
}

Warning file_inlined(const Provider& provider, const Protocol& protocol, std::size_t count) {
  return {"file_inlined",
          std::string(protocol.name()) + " of provider " + provider.name + " has no place for text files: " +
              (count == 1 ? "1 file was" : std::to_string(count) + " files were") + " written into the prompt"};
}

/// Encodes a request for people, whose attachments are fetched before it is sent.
Result<void> encode_later(const std::shared_ptr<const Provider>& provider, PreparedRequest& prepared, MediaPlan plan,
                          MediaKinds unsure) {
  const auto encode_again = [provider, protocol = prepared.protocol](const Request& request) {
    return encode(*provider, *protocol, request);
  };
  auto late = std::make_shared<LateMedia>(std::move(plan), prepared.request, encode_again);
  late->unsure = unsure;
  late->kept = prepared.kept_media;
  late->file_inlined = [provider, protocol = prepared.protocol](std::size_t count) {
    return file_inlined(*provider, *protocol, count);
  };
  constexpr auto marked = MediaPlan::Unfetched::marked;
  Request& shown = prepared.request;
  if (auto inlined = late->plan.inline_files(shown.messages, marked); !inlined) return std::move(inlined).error();
  late->plan.set_data(shown, marked);
  auto encoded = encode_again(shown);
  if (!encoded) return std::move(encoded).error();
  if (auto taken = take_warnings(prepared, std::move(encoded->warnings)); !taken) return taken;
  encoded->http.body = late->plan.shown(encoded->http.body);
  prepared.http = std::make_shared<const HttpRequest>(std::move(encoded->http));
  prepared.late_media = std::move(late);
  return {};
}

Result<void> encode_media(const std::shared_ptr<const Provider>& provider, PreparedRequest& prepared) {
  Request& request = prepared.request;
  const bool was_asked = prepared.kept_media && prepared.kept_media->described;
  Capabilities known = known_capabilities(*provider, request.options);
  if (was_asked) {
    if (!known.vision) known.vision = prepared.kept_media->described->vision;
    if (!known.hearing) known.hearing = prepared.kept_media->described->hearing;
  }
  if (auto dropped = drop_images_of_results(*provider, prepared); !dropped) return dropped;
  if (auto dropped = drop_media(*provider, known, prepared); !dropped) return dropped;
  if (!hold_media(request.messages)) return encode_text(*provider, prepared);
  auto plan = MediaPlan::make(request.messages, *provider, *prepared.protocol, request.options, prepared.kept_media);
  if (!plan) return std::move(plan).error();
  constexpr auto left = MediaPlan::Unfetched::left;
  const auto inlined = plan->inline_files(request.messages, left);
  if (!inlined) return inlined.error();
  if (*inlined > 0)
    if (auto taken = take_warnings(prepared, {file_inlined(*provider, *prepared.protocol, *inlined)}); !taken)
      return taken;
  prepared.media = plan->facts();
  const MediaKinds unsure = was_asked ? MediaKinds() : unsure_media(*provider, known, request);
  if (!unsure.empty() || plan->next_to_fetch()) return encode_later(provider, prepared, *std::move(plan), unsure);
  plan->set_data(request, left);
  auto encoded = encode(*provider, *prepared.protocol, request);
  if (!encoded) return std::move(encoded).error();
  if (auto taken = take_warnings(prepared, std::move(encoded->warnings)); !taken) return taken;
  prepared.shown_body = plan->shown(encoded->http.body);
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

namespace {

/// Fills `prepared`. If it fails, the Warnings until then are in it.
Result<void> prepare_into(PreparedRequest& prepared, const std::shared_ptr<const Provider>& shared,
                          const Options& instance, std::vector<Message> messages, const Options& call,
                          Delivery delivery) {
  const Provider& provider = *shared;
  if (auto valid = call.validate(); !valid) return valid;

  prepared.request.options = call.over(instance);
  prepared.request.delivery = delivery;
  const Options& options = prepared.request.options;
  auto all = with_media(std::move(messages), options);
  if (!all) return std::move(all).error();
  prepared.request.messages = *std::move(all);
  if (auto valid = check_messages(prepared.request.messages); !valid) return valid;

  auto protocol = choose_protocol(provider, options);
  if (!protocol) return std::move(protocol).error();
  prepared.protocol = *protocol;

  if (auto named = check_model(provider, options); !named) return named;
  if (auto taken = take_warnings(prepared, unread_engine_options(provider, **protocol, options)); !taken) return taken;
  if (auto kept = keep_own_data(provider, prepared); !kept) return kept;
  Result<void> encoded =
      hold_media(prepared.request.messages) ? encode_media(shared, prepared) : encode_text(provider, prepared);
  if (encoded && options.insecure().value_or(false)) prepared.warnings.push_back(tls_not_verified());
  return encoded;
}

}  // namespace

Result<PreparedRequest> prepare_chat(const std::shared_ptr<const Provider>& shared, const Options& instance,
                                     std::vector<Message> messages, const Options& call, Delivery delivery,
                                     std::shared_ptr<CallMedia> kept_media) {
  PreparedRequest prepared;
  prepared.kept_media = std::move(kept_media);
  if (auto done = prepare_into(prepared, shared, instance, std::move(messages), call, delivery); !done)
    return std::move(done).error();
  return prepared;
}

std::vector<Finding> check_chat(const std::shared_ptr<const Provider>& shared, const Options& instance,
                                std::vector<Message> messages, const Options& call) {
  PreparedRequest prepared;
  Options lenient = call;
  const auto done =
      prepare_into(prepared, shared, instance, std::move(messages), lenient.strict(false), Delivery::stream);
  std::vector<Finding> findings;
  findings.reserve(prepared.warnings.size() + 2);
  for (const Warning& warning : prepared.warnings) findings.push_back(finding_of(warning));
  // A missing key is independent of what else is wrong.
  const Result<void> has_key = check_key(*shared, call.over(instance));
  if (!done) findings.push_back(finding_of(done.error()));
  if (!has_key) findings.push_back(finding_of(has_key.error()));
  return findings;
}

}  // namespace abstractllm
