// SPDX-License-Identifier: Apache-2.0
#include "protocols/openai_responses/openai_responses.hpp"

#include <array>

#include "protocols/model_listing.hpp"
#include "protocols/openai_embeddings.hpp"
#include "protocols/openai_operations.hpp"
#include "protocols/openai_responses/answer.hpp"
#include "protocols/openai_responses/encode.hpp"
#include "protocols/wire_format.hpp"

namespace abstractllm {
namespace {

constexpr std::array<std::string_view, 3> responses_call_paths = {"/responses", "/chat/completions", "/embeddings"};
// https://platform.openai.com/docs/api-reference/responses/input-tokens (2026-11)
constexpr std::array<std::string_view, 8> counted_fields = {
    "model", "instructions", "input", "reasoning", "tools", "tool_choice", "parallel_tool_calls", "text"};

Result<HttpRequest> encode_count(const Request& request, ToolRuleSet tools) {
  return with_fields(openai_responses::encode(request, tools), "/responses/input_tokens", counted_fields);
}

}  // namespace

std::shared_ptr<const Protocol> make_openai_responses_protocol(ToolRuleSet tools) {
  WireFormat format;
  format.name = "openai_responses";
  format.encode = [tools](const Request& request) { return openai_responses::encode(request, tools); };
  format.media = openai_responses::media();
  format.make_reader = make_reader<openai_responses::ResponsesAnswer>;
  format.models = openai_models_operation();
  format.describe = openai_describe_operation();
  format.embed = openai_embed_operation();
  format.count_tokens.emplace([tools](const Request& request) { return encode_count(request, tools); },
                              read_token_count);
  format.call_paths = responses_call_paths;
  return make_protocol(std::move(format));
}

}  // namespace abstractllm
