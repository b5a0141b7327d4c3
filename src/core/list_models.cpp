// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/registry.hpp"
#include "base/json.hpp"
#include "core/endpoint.hpp"
#include "core/merge.hpp"
#include "core/prepare.hpp"
#include "core/running_call.hpp"
#include "protocols/errors.hpp"
#include "providers/open_transport.hpp"
#include "providers/registry.hpp"

namespace abstractllm {
namespace {

constexpr std::size_t most_listing_bytes = std::size_t{64} << 20;

/// A body as one piece of text: a listing goes through the same exchange as a call.
class BodyDecoder final : public Decoder {
 public:
  Result<void> feed(std::string_view bytes, Decoded&) override {
    if (body_.size() + bytes.size() > most_listing_bytes) return Error(ErrorKind::protocol, "the listing is too large");
    body_ += bytes;
    return {};
  }
  Result<void> finish(Decoded& out) override {
    out.events.emplace_back(TextDelta{std::move(body_)});
    out.events.emplace_back(Finished{});
    return {};
  }

 private:
  std::string body_;
};

class BodyProtocol final : public Protocol {
 public:
  std::string_view name() const override { return "listing"; }
  Result<EncodedRequest> encode(const Request&) const override {
    return Error(ErrorKind::internal, "a listing is not asked for with messages");
  }
  std::unique_ptr<Decoder> decoder(Delivery) const override { return std::make_unique<BodyDecoder>(); }
  Error decode_error(const HttpHead& head, std::string_view body) const override {
    return abstractllm::decode_error(head, body);
  }
};

std::string text_at(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<std::int64_t> count_at(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<std::int64_t>();
}

ModelInfo read_model(const Json& json) {
  ModelInfo info;
  info.id = text_at(json, "id");
  if (info.id.empty()) info.id = text_at(json, "name");  // Ollama
  info.description = text_at(json, "display_name");      // Anthropic
  info.size_bytes = count_at(json, "size");
  for (const char* name : {"context_length", "max_model_len", "max_input_tokens", "context_window"})
    if (!info.context_tokens) info.context_tokens = count_at(json, name);
  return info;
}

/// {"data": […]} (OpenAI, Anthropic), {"models": […]} (Ollama) or a list (Together).
Result<std::vector<ModelInfo>> read_listing(std::string_view body) {
  const Result<Json> json = parse_json(body, "the listing of models");
  if (!json) return Error(ErrorKind::protocol, json.error().message);
  Json list = *json;
  for (const char* name : {"data", "models"})
    if (json->is_object() && json->contains(name)) {
      list = json->at(name);
      break;
    }
  if (!list.is_array()) return Error(ErrorKind::protocol, "the listing of models holds no list");
  std::vector<ModelInfo> models;
  for (const Json& entry : list)
    if (entry.is_object()) models.push_back(read_model(entry));
  return models;
}

Result<HttpRequest> listing_request(const Provider& provider, const Options& options) {
  HttpRequest http;
  http.method = "GET";
  auto url = endpoint(provider, options, provider.models_path);
  if (!url) return std::move(url).error();
  http.url = *std::move(url);
  http.headers = provider.listing_headers;
  http.headers.emplace_back("Accept", "application/json");
  add_credentials(provider, options, http);
  return http;
}

Result<std::vector<ModelInfo>> listed(const Provider& provider, const Options& asked) {
  if (provider.list_models) return provider.list_models(asked);
  if (provider.models_path.empty())
    return Error(ErrorKind::unsupported, "provider " + provider.name + " has no listing of models");
  auto options = instance_options(provider, asked);
  if (!options) return std::move(options).error();
  if (auto has_key = check_key(provider, *options); !has_key) return std::move(has_key).error();
  auto http = listing_request(provider, *options);
  if (!http) return std::move(http).error();
  auto transport = open_transport(provider, *options);
  if (!transport) return std::move(transport).error();

  Exchange exchange(std::make_shared<BodyProtocol>(), std::make_shared<const HttpRequest>(*std::move(http)),
                    Delivery::body, policy_from(*options), [] { return 0.5; });
  RunningCall call({{provider.name, "", "listing", Delivery::body},
                    std::move(exchange),
                    *std::move(transport),
                    options->stop_token(),
                    {},
                    {}});
  for (;;) {
    auto event = call.next();
    if (!event) return std::move(event).error();
    if (!*event) return read_listing(call.response().text);
  }
}

}  // namespace

Result<std::vector<ModelInfo>> list_models(std::string_view name, const Options& options) {
  auto provider = find_provider(name);
  if (!provider) return std::move(provider).error();
  auto models = listed(**provider, options);
  if (models) return models;
  Error error = std::move(models).error();
  error.provider = std::string(name);
  return error;
}

}  // namespace abstractllm
