// SPDX-License-Identifier: Apache-2.0
#include "protocols/openai_operations.hpp"

#include "base/json.hpp"
#include "protocols/model_listing.hpp"

namespace abstractllm {

ModelsOperation openai_models_operation() {
  return {[](const ModelsQuestion& question) -> Result<HttpRequest> {
            return listing_request("/models", "after", question.page);
          },
          read_model_listing};
}

DescribeOperation openai_describe_operation() {
  return {[](const Options&) -> Result<HttpRequest> { return listing_request("/models", "after", ""); },
          read_capabilities};
}

DescribeOperation llama_server_describe_operation() {
  return {[](const Options& options) -> Result<HttpRequest> {
            return listing_request("/../props", "model", options.model().value_or(""));
          },
          read_capabilities};
}

Result<HttpRequest> with_fields(Result<EncodedRequest> encoded, std::string_view path,
                                std::span<const std::string_view> fields) {
  if (!encoded) return std::move(encoded).error();
  const Result<Json> whole = parse_json(encoded->http.body, "the request");
  if (!whole) return whole.error();
  Json body = Json::object();
  for (const std::string_view field : fields)
    if (const auto found = whole->find(field); found != whole->end()) body[std::string(field)] = *found;
  HttpRequest http = std::move(encoded->http);
  http.url = path;
  http.body = dump_json(body);
  return http;
}

}  // namespace abstractllm
