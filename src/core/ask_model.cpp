// SPDX-License-Identifier: Apache-2.0
#include "core/ask_model.hpp"

#include "base/json.hpp"
#include "core/ask_server.hpp"
#include "core/capabilities.hpp"
#include "core/endpoint.hpp"

namespace abstractllm {
namespace {

Result<std::int64_t> read_count(std::string_view body) {
  const Result<Json> json = parse_server_json(body, "the count of tokens");
  if (!json) return json.error();
  const auto count = json->is_object() ? json->find("input_tokens") : json->end();
  if (count == json->end() || !count->is_number_integer())
    return Error(ErrorKind::protocol, "the count of tokens holds no input_tokens");
  return count->get<std::int64_t>();
}

}  // namespace

Result<void> ask_to_load(std::shared_ptr<Transport> transport, const Provider& provider, const Options& options) {
  auto asked = question(provider, options, provider.preload_request);
  if (!asked) return std::move(asked).error();
  auto body = ask_server(std::move(transport), provider, options, *std::move(asked), "the state of the model");
  if (!body) return std::move(body).error();
  return {};
}

Result<std::int64_t> ask_to_count(std::shared_ptr<Transport> transport, const Provider& provider,
                                  const PreparedRequest& prepared) {
  if (provider.count_tokens_path.empty())
    return Error(ErrorKind::unsupported, "provider " + provider.name + " does not count tokens before a call");
  if (!prepared.images.empty()) return Error(ErrorKind::unsupported, "tokens of images are not counted");
  const Options& options = prepared.request.options;
  auto url = endpoint(provider, options, provider.count_tokens_path);
  if (!url) return std::move(url).error();
  HttpRequest http = *prepared.http;
  http.url = *std::move(url);
  auto body = ask_server(std::move(transport), provider, options, std::move(http), "the count of tokens");
  if (!body) return std::move(body).error();
  return read_count(*body);
}

}  // namespace abstractllm
