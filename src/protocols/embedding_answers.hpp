// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "abstractllm/embedding.hpp"
#include "abstractllm/result.hpp"

namespace abstractllm {

// All of these take linear time. Their memory is a small multiple of the body. A body that reports a failure, although
// its status is 200, gives that Error. Other errors are of kind protocol, and name the text and the number.

/// Reads {"data": [{"index", "embedding"}], "model", "usage"}. An embedding is a list of numbers, or little-endian
/// 32-bit floats in base64, whichever was asked for: servers choose. The order is that of `index`. Where an index is
/// missing, the position counts, because Gemini omits `"index": 0`
/// (https://github.com/samfoy/pi-session-search/issues/13, 2026-07).
///
/// Errors: each index must occur once, all vectors must have the same length, and all numbers must be finite.
Result<Embeddings> read_embeddings(std::string_view body);

/// Reads Ollama's {"embeddings": [[…], …], "model", "prompt_eval_count"}
/// (https://github.com/ollama/ollama/blob/main/docs/api.md, "Generate Embeddings", 2026-11). Errors: those of
/// read_embeddings().
Result<Embeddings> read_ollama_embeddings(std::string_view body);

/// Reads {"results": [{"index", "relevance_score"}], "model", "usage"} (llama-server, Jina, Cohere v2, vLLM), the same
/// list as "data" (Voyage), or only the list with "index" and "score" (text-embeddings-inference). Sorts it.
///
/// Errors: no index may occur twice, and all scores must be finite.
Result<Ranking> read_ranking(std::string_view body);

}  // namespace abstractllm
