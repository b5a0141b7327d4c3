// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "abstractllm/provider.hpp"

namespace abstractllm {

/// GET /models. https://platform.openai.com/docs/api-reference/models/list (2026-11)
ModelsOperation openai_models_operation();

/// GET /models at a server that has one model and reports what it can do: the engine in this process.
DescribeOperation openai_describe_operation();

/// GET /props, which llama-server has beside /v1. Its listing says only "multimodal" of a model that sees, hears, or
/// both. A server with several models loads the one that is asked for, as the call itself would (tools/server,
/// server-context.cpp and server-models.cpp, v0.5.0, read on 2026-11-27).
DescribeOperation llama_server_describe_operation();

/// Makes a question about a chat request: it sends only `fields` of its body, to `path`. Errors: those of `encoded`.
Result<HttpRequest> with_fields(Result<EncodedRequest> encoded, std::string_view path,
                                std::span<const std::string_view> fields);

}  // namespace abstractllm
