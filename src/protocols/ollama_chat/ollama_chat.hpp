// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/provider.hpp"

namespace abstractllm {

/// Ollama's own chat format, POST /api/chat under a base URL without a path. Facts and their sources: README.md beside
/// this file. Pure and thread-safe.
std::shared_ptr<const Protocol> make_ollama_chat_protocol();

/// The pieces of an answer that is this text and nothing else, for text_reply().
std::vector<std::string> ollama_chat_text_answer(std::string_view text, Delivery delivery);

}  // namespace abstractllm
