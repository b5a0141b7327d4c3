// SPDX-License-Identifier: Apache-2.0
#include "protocols/openai_chat/openai_chat.hpp"

#include <array>

#include "protocols/model_listing.hpp"
#include "protocols/openai_chat/answer.hpp"
#include "protocols/openai_chat/encode.hpp"
#include "protocols/openai_embeddings.hpp"
#include "protocols/openai_operations.hpp"
#include "protocols/wire_format.hpp"

namespace abstractllm {
namespace {

constexpr std::array<std::string_view, 4> chat_call_paths = {"/chat/completions", "/responses", "/embeddings",
                                                             "/rerank"};

}  // namespace

std::shared_ptr<const Protocol> make_openai_chat_protocol(const openai_chat::Dialect& dialect) {
  WireFormat format;
  format.name = "openai_chat";
  format.encode = [dialect](const Request& request) { return openai_chat::encode(request, dialect); };
  format.make_reader = make_reader<openai_chat::Answer>;
  format.media = openai_chat::media_of(dialect);
  format.models = openai_models_operation();
  format.describe = dialect.has_props ? llama_server_describe_operation() : openai_describe_operation();
  format.embed = openai_embed_operation();
  format.rerank = openai_rerank_operation();
  format.call_paths = chat_call_paths;
  if (!dialect.counts_tokens) return make_protocol(std::move(format));
  // llama-server v0.5.0 (tools/server/README.md) accepts the body of a call.
  const auto count = [encode = format.encode](const Request& request) -> Result<HttpRequest> {
    auto encoded = encode(request);
    if (!encoded) return std::move(encoded).error();
    encoded->http.url += "/input_tokens";
    return std::move(encoded->http);
  };
  format.count_tokens.emplace(count, read_token_count);
  return make_protocol(std::move(format));
}

}  // namespace abstractllm
