// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "abstractllm/provider.hpp"

namespace abstractllm {

/// OpenAI's Responses and what speaks it: llama-server, LM Studio, OpenRouter, … Facts and their sources: README.md
/// beside this file. Pure and thread-safe.
std::shared_ptr<const Protocol> make_openai_responses_protocol();

}  // namespace abstractllm
