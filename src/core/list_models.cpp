// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "abstractllm/registry.hpp"
#include "base/json.hpp"
#include "base/thrown.hpp"
#include "core/ask_server.hpp"
#include "core/capabilities.hpp"
#include "core/endpoint.hpp"
#include "core/merge.hpp"
#include "core/prepare.hpp"
#include "providers/registry.hpp"

namespace abstractllm {
namespace {

std::string text_at(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<std::int64_t> count_at(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<std::int64_t>();
}

/// As servers say it themselves: a list of words (Ollama), {"vision": true} (Mistral), {"image_input": {"supported":
/// true}} (Anthropic).
std::optional<bool> vision_at(const Json& model) {
  const auto found = model.find("capabilities");
  if (found == model.end()) return std::nullopt;
  if (found->is_array()) return std::find(found->begin(), found->end(), "vision") != found->end();
  if (!found->is_object()) return std::nullopt;
  if (const auto vision = found->find("vision"); vision != found->end() && vision->is_boolean())
    return vision->get<bool>();
  const auto input = found->find("image_input");
  if (input == found->end() || !input->is_object()) return std::nullopt;
  const auto supported = input->find("supported");
  if (supported == input->end() || !supported->is_boolean()) return std::nullopt;
  return supported->get<bool>();
}

ModelInfo read_model(const Json& json, const Provider& provider) {
  ModelInfo info;
  info.id = text_at(json, "id");
  if (info.id.empty()) info.id = text_at(json, "name");  // Ollama
  info.description = text_at(json, "display_name");      // Anthropic
  info.size_bytes = count_at(json, "size");
  for (const char* name : {"context_length", "max_model_len", "max_input_tokens", "context_window"})
    if (!info.context_tokens) info.context_tokens = count_at(json, name);
  info.capabilities.vision = vision_at(json);
  if (!info.capabilities.vision) info.capabilities = capabilities_of(provider, Options().model(info.id));
  return info;
}

/// {"data": […]} (OpenAI, Anthropic), {"models": […]} (Ollama) or a list (Together).
Result<std::vector<ModelInfo>> read_listing(std::string_view body, const Provider& provider) {
  const Result<Json> json = parse_server_json(body, "the listing of models");
  if (!json) return json.error();
  const Json* list = &*json;
  for (const char* name : {"data", "models"})
    if (const auto found = json->find(name); list == &*json && found != json->end()) list = &*found;
  if (!list->is_array()) return Error(ErrorKind::protocol, "the listing of models holds no list");
  std::vector<ModelInfo> models;
  for (const Json& entry : *list)
    if (entry.is_object()) models.push_back(read_model(entry, provider));
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
  auto body = ask_server(provider, *options, *std::move(http), "the listing of models");
  if (!body) return std::move(body).error();
  return read_listing(*body, provider);
}

}  // namespace

Result<std::vector<ModelInfo>> list_models(std::string_view name, const Options& options) {
  return guarded([&]() -> Result<std::vector<ModelInfo>> {
    auto provider = find_provider(name);
    if (!provider) return std::move(provider).error();
    auto models = listed(**provider, options);
    if (models) return models;
    Error error = std::move(models).error();
    error.provider = (*provider)->name;
    return error;
  });
}

}  // namespace abstractllm
