// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/provider.hpp"

namespace abstractllm {

/// The protocol of Anthropic's Messages. Servers that speak it: llama-server, Ollama, vLLM, LM Studio, DeepSeek,
/// OpenRouter. The path is "/v1/messages", and the base URL has no path. Facts and their sources: README.md beside this
/// file. It is pure and thread-safe.
std::shared_ptr<const Protocol> make_anthropic_messages_protocol();

/// Returns the pieces of an answer that is only this text, for text_reply().
std::vector<std::string> anthropic_messages_text_answer(std::string_view text, Delivery delivery);

}  // namespace abstractllm
