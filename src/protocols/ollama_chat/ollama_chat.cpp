// SPDX-License-Identifier: Apache-2.0
#include "protocols/ollama_chat/ollama_chat.hpp"

#include <array>

#include "base/json.hpp"
#include "protocols/embedding_answers.hpp"
#include "protocols/model_listing.hpp"
#include "protocols/ollama_chat/answer.hpp"
#include "protocols/ollama_chat/encode.hpp"
#include "protocols/ollama_chat/prompt_check.hpp"
#include "protocols/wire_format.hpp"

namespace abstractllm {
namespace {

constexpr std::array<std::string_view, 4> ollama_call_paths = {"/api/chat", "/api/generate", "/api/tags", "/api/embed"};

/// https://github.com/ollama/ollama/blob/v0.17.4/docs/api.md, "Show Model Information"
Result<HttpRequest> encode_show(const Options& options) {
  HttpRequest http;
  http.url = "/api/show";
  http.headers.emplace_back("Accept", "application/json");
  http.headers.emplace_back("Content-Type", "application/json");
  http.body = dump_json({{"model", options.model().value_or("")}});
  return http;
}

/// https://github.com/ollama/ollama/blob/v0.17.4/docs/api.md, "List Local Models": one page.
Result<HttpRequest> encode_tags(const ModelsQuestion& question) {
  return listing_request("/api/tags", "page", question.page);
}

}  // namespace

std::shared_ptr<const Protocol> make_ollama_chat_protocol() {
  WireFormat format;
  format.name = "ollama_chat";
  format.encode = ollama_chat::encode;
  format.make_reader = make_reader<ollama_chat::OllamaAnswer>;
  format.framing = Framing::lines;
  format.check_usage = ollama_chat::find_truncated_prompt;
  format.models.emplace(encode_tags, read_model_listing);
  format.describe.emplace(encode_show, read_capabilities);
  format.embed.emplace(ollama_chat::encode_embed, read_ollama_embeddings);
  format.engine_options = ollama_chat::engine_options();
  format.call_paths = ollama_call_paths;
  return make_protocol(std::move(format));
}

}  // namespace abstractllm
