// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "abstractllm/response.hpp"
#include "abstractllm/transport.hpp"

namespace abstractllm::ollama_chat {

/// Returns a Warning "prompt_truncated" if the server's own count of tokens shows that it has not read all of the
/// prompt. Ollama cuts a prompt to its context without a message (server/prompt.go and runner/ollamarunner/runner.go,
/// v0.17.4). Then the count is just below the context, while the request holds more than 8 bytes for each counted
/// token, which no language does. A prompt that is only a little too long is not noticed.
std::optional<Warning> find_truncated_prompt(const HttpRequest& request, const Usage& usage);

}  // namespace abstractllm::ollama_chat
