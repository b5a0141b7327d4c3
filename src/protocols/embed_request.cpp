// SPDX-License-Identifier: Apache-2.0
#include "protocols/embed_request.hpp"

#include <string>
#include <utility>

namespace abstractllm {

void write_texts(BodyWriter& writer, const EmbedQuestion& question) {
  Json input = Json::array();
  for (const std::string& text : question.texts) {
    const std::string label = "text " + std::to_string(input.size()) + " (counted from 0)";
    if (question.prefix.empty()) input.push_back(writer.checked(text, label));
    else input.push_back(writer.checked(std::string(question.prefix) + text, label));
  }
  writer.body()["input"] = std::move(input);
}

Result<HttpRequest> whole_request(BodyWriter& writer, const Options& options, std::string_view path) {
  Request request;
  request.options = options;
  request.delivery = Delivery::body;
  auto encoded = writer.finish(request, path, "application/json");
  if (!encoded) return std::move(encoded).error();
  return std::move(encoded->http);
}

}  // namespace abstractllm
