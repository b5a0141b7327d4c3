// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/provider.hpp"

namespace abstractllm {

/// Anthropic's Messages, and what speaks it: llama-server, Ollama, vLLM, LM Studio, DeepSeek, OpenRouter. The path is
/// "/v1/messages": the base URL is without a path. Facts and their sources: README.md beside this file. Pure and
/// thread-safe.
std::shared_ptr<const Protocol> make_anthropic_messages_protocol();

/// The pieces of an answer that is this text and nothing else, for text_reply().
std::vector<std::string> anthropic_messages_text_answer(std::string_view text, Delivery delivery);

}  // namespace abstractllm
