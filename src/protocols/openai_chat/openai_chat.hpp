// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "abstractllm/provider.hpp"
#include "protocols/openai_chat/encode.hpp"

namespace abstractllm {

/// OpenAI's Chat Completions and what speaks it: llama-server, vLLM, Ollama, LM Studio, Mistral, DeepSeek, Groq,
/// OpenRouter, Azure, Perplexity, … Facts and their sources: README.md beside this file. Pure and thread-safe.
std::shared_ptr<const Protocol> make_openai_chat_protocol(
    const openai_chat::Dialect& dialect = openai_chat::llama_server_dialect);

}  // namespace abstractllm
