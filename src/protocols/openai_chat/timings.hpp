// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "abstractllm/response.hpp"
#include "base/json_element.hpp"

namespace abstractllm::openai_chat {

/// Reads the member "timings" of llama-server's last chunk or body: {"prompt_n", "prompt_ms", "predicted_ms",
/// "cache_n", …} (llama.cpp v0.5.0, tools/server/server-common.cpp, de3ff81, 2026-09-28). The engine in this process
/// adds "slot" and "load_ms".
ModelTiming read_timings(JsonElement timings);

}  // namespace abstractllm::openai_chat
