// SPDX-License-Identifier: Apache-2.0
#include "protocols/model_listing.hpp"

#include <algorithm>
#include <utility>

#include "base/json.hpp"
#include "base/url.hpp"
#include "protocols/errors.hpp"

namespace abstractllm {
namespace {

const Json* member_of(const Json& json, const char* name) {
  if (!json.is_object()) return nullptr;
  const auto found = json.find(name);
  return found == json.end() ? nullptr : &*found;
}

std::string text_member(const Json& json, const char* name) {
  const Json* found = member_of(json, name);
  return found != nullptr && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<std::int64_t> count_member(const Json& json, const char* name) {
  const Json* found = member_of(json, name);
  if (found == nullptr || !found->is_number_unsigned()) return std::nullopt;
  const auto count = found->get<std::uint64_t>();
  return std::in_range<std::int64_t>(count) ? std::optional(static_cast<std::int64_t>(count)) : std::nullopt;
}

std::optional<bool> flag_member(const Json& json, const char* name) {
  const Json* found = member_of(json, name);
  if (found == nullptr || !found->is_boolean()) return std::nullopt;
  return found->get<bool>();
}

bool has_word(const Json& words, const char* word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Servers report it in three ways: a list of words (Ollama, and the engine in this process), {"vision": true}
/// (Mistral), {"image_input": {"supported": true}} (Anthropic).
std::optional<bool> vision_of(const Json& model) {
  const Json* found = member_of(model, "capabilities");
  if (found == nullptr) return std::nullopt;
  if (found->is_array()) return has_word(*found, "vision");
  if (const std::optional<bool> vision = flag_member(*found, "vision")) return vision;
  const Json* input = member_of(*found, "image_input");
  return input == nullptr ? std::nullopt : flag_member(*input, "supported");
}

/// The word for it is "audio". {"audio": true} is Mistral's form.
std::optional<bool> hearing_of(const Json& model) {
  const Json* found = member_of(model, "capabilities");
  if (found == nullptr) return std::nullopt;
  return found->is_array() ? std::optional(has_word(*found, "audio")) : flag_member(*found, "audio");
}

ModelInfo read_model(const Json& json) {
  ModelInfo info;
  info.id = text_member(json, "id");
  if (info.id.empty()) info.id = text_member(json, "name");  // Ollama
  info.description = text_member(json, "display_name");      // Anthropic
  info.size_bytes = count_member(json, "size");
  for (const char* name : {"context_length", "max_model_len", "max_input_tokens", "context_window"})
    if (!info.context_tokens) info.context_tokens = count_member(json, name);
  info.capabilities.vision = vision_of(json);
  info.capabilities.hearing = hearing_of(json);
  return info;
}

const Json* list_of(const Json& json) {
  for (const char* name : {"data", "models"})
    if (const Json* found = member_of(json, name)) return found;
  return &json;
}

Error lacking(std::string_view body, std::string message) {
  return error_in_body(body).value_or(Error(ErrorKind::protocol, std::move(message)));
}

/// Returns the name of the next page. Where "last_id" is missing, it is the id of the last model, as with OpenAI.
Result<std::string> next_page_of(const Json& json, const std::vector<ModelInfo>& models) {
  constexpr std::size_t longest_name = 4096;  // it becomes part of a URL
  if (!flag_member(json, "has_more").value_or(false)) return std::string();
  std::string name = text_member(json, "last_id");
  if (name.empty() && !models.empty()) name = models.back().id;
  if (!name.empty() && name.size() <= longest_name) return name;
  return Error(ErrorKind::protocol, name.empty() ? "the listing of models has more, but does not say where"
                                                 : "the listing of models names a next page with more than " +
                                                       std::to_string(longest_name) + " bytes");
}

}  // namespace

Result<ModelPage> read_model_listing(std::string_view body) {
  const Result<Json> json = parse_server_json(body, "the listing of models");
  if (!json) return json.error();
  const Json* list = list_of(*json);
  if (!list->is_array()) return lacking(body, "the listing of models holds no list");
  ModelPage page;
  for (const Json& entry : *list)
    if (ModelInfo model = read_model(entry); !model.id.empty()) page.models.push_back(std::move(model));
  auto next_page = next_page_of(*json, page.models);
  if (!next_page) return std::move(next_page).error();
  page.next_page = *std::move(next_page);
  return page;
}

Result<Capabilities> read_capabilities(std::string_view body) {
  const Result<Json> json = parse_server_json(body, "the model's capabilities");
  if (!json) return json.error();
  if (auto failed = error_in_body(body)) return *std::move(failed);
  const Json* model = &*json;
  if (const Json* models = member_of(*json, "models")) {
    if (!models->is_array() || models->size() != 1) return Capabilities();
    model = &models->front();
  }
  Capabilities found;
  if (const Json* modalities = member_of(*json, "modalities")) {
    found.vision = flag_member(*modalities, "vision");
    found.hearing = flag_member(*modalities, "audio");
    return found;
  }
  found.vision = vision_of(*model);
  found.hearing = hearing_of(*model);
  return found;
}

Result<std::int64_t> read_token_count(std::string_view body) {
  const Result<Json> json = parse_server_json(body, "the count of tokens");
  if (!json) return json.error();
  if (const std::optional<std::int64_t> count = count_member(*json, "input_tokens")) return *count;
  return lacking(body, "the count of tokens holds no input_tokens");
}

HttpRequest listing_request(std::string_view path, std::string_view parameter, const std::string& page) {
  HttpRequest http;
  http.method = "GET";
  http.url = path;
  if (!page.empty()) http.url += "?" + std::string(parameter) + "=" + url_encoded(page, false);
  http.headers.emplace_back("Accept", "application/json");
  return http;
}

}  // namespace abstractllm
