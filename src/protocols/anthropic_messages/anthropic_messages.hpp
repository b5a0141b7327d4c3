// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "abstractllm/provider.hpp"

namespace abstractllm {

/// Anthropic's Messages, and what speaks it: llama-server, Ollama, vLLM, LM Studio, DeepSeek, OpenRouter. The path is
/// "/v1/messages": the base URL is without a path. Facts and their sources: README.md beside this file. Pure and
/// thread-safe.
std::shared_ptr<const Protocol> make_anthropic_messages_protocol();

}  // namespace abstractllm
