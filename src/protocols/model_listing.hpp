// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "abstractllm/operation.hpp"

namespace abstractllm {

// A body that reports a failure, although its status is 200, gives that Error in each of these.

/// Reads a listing of models in any known shape: {"data": […]} (OpenAI, Anthropic), {"models": […]} (Ollama) or a list
/// (Together). Entries without a name are left out. `next_page` is "last_id", or the last model's id, if the server
/// says "has_more". Errors: protocol.
Result<ModelPage> read_model_listing(std::string_view body);

/// Reads what a server says of one model, of the only one that it lists, or as {"modalities": {"vision": true, "audio":
/// false}} (llama-server). Fields that it does not mention stay unset.
/// Errors: protocol if the body is not JSON.
Result<Capabilities> read_capabilities(std::string_view body);

/// Reads {"input_tokens": 42}. Errors: protocol.
Result<std::int64_t> read_token_count(std::string_view body);

/// Makes the request GET `path`, with `?parameter=page` for the pages after the first.
HttpRequest listing_request(std::string_view path, std::string_view parameter, const std::string& page);

}  // namespace abstractllm
