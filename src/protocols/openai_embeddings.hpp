// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "abstractllm/operation.hpp"

namespace abstractllm {

/// POST /embeddings. `input` is always a list. `encoding_format` is sent only as base64, and only to servers that have
/// it. https://platform.openai.com/docs/api-reference/embeddings/create (2026-11)
EmbedOperation openai_embed_operation();

/// POST /rerank, with `query` and `documents` as in https://api.jina.ai/redoc (2026-11). Without `top_n` the answer has
/// all documents. llama-server v0.5.0, vLLM, Jina, and Cohere's v2 API have it.
RerankOperation openai_rerank_operation();

}  // namespace abstractllm
