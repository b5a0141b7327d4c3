// SPDX-License-Identifier: Apache-2.0
#include "protocols/anthropic_messages/anthropic_messages.hpp"

#include <array>

#include "protocols/anthropic_messages/answer.hpp"
#include "protocols/anthropic_messages/encode.hpp"
#include "protocols/model_listing.hpp"
#include "protocols/openai_operations.hpp"
#include "protocols/wire_format.hpp"

namespace abstractllm {
namespace {

constexpr std::array<std::string_view, 1> messages_call_paths = {"/v1/messages"};
// https://platform.claude.com/docs/en/api/messages-count-tokens (2026-11)
constexpr std::array<std::string_view, 6> counted_fields_of_messages = {"model", "system",      "messages",
                                                                        "tools", "tool_choice", "thinking"};

Result<HttpRequest> encode_count_of_messages(const Request& request) {
  auto encoded = anthropic_messages::encode(request);
  return with_fields(std::move(encoded), "/v1/messages/count_tokens", counted_fields_of_messages);
}

/// https://platform.claude.com/docs/en/api/models-list (2026-11): 20 models a page by default.
Result<HttpRequest> encode_models_of_anthropic(const ModelsQuestion& question) {
  HttpRequest http = listing_request("/v1/models", "after_id", question.page);
  http.headers.emplace_back("anthropic-version", "2023-06-01");
  return http;
}

}  // namespace

std::shared_ptr<const Protocol> make_anthropic_messages_protocol() {
  WireFormat format;
  format.name = "anthropic_messages";
  format.encode = anthropic_messages::encode;
  format.media = anthropic_messages::media();
  format.make_reader = make_reader<anthropic_messages::MessagesAnswer>;
  format.models.emplace(encode_models_of_anthropic, read_model_listing);
  format.count_tokens.emplace(encode_count_of_messages, read_token_count);
  format.call_paths = messages_call_paths;
  return make_protocol(std::move(format));
}

}  // namespace abstractllm
