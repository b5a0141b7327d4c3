// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/provider.hpp"
#include "protocols/openai_chat/encode.hpp"

namespace abstractllm {

/// The protocol of OpenAI's Chat Completions. Servers that speak it: llama-server, vLLM, Ollama, LM Studio, Mistral,
/// DeepSeek, Groq, OpenRouter, Azure, Perplexity, … Facts and their sources: README.md beside this file. It is pure and
/// thread-safe.
std::shared_ptr<const Protocol> make_openai_chat_protocol(
    const openai_chat::Dialect& dialect = openai_chat::llama_server_dialect);

/// Returns the pieces of an answer that is only this text, for text_reply().
std::vector<std::string> openai_chat_text_answer(std::string_view text, Delivery delivery);

}  // namespace abstractllm
