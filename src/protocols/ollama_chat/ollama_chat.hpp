// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/provider.hpp"

namespace abstractllm {

/// The protocol of Ollama's own chat format, POST /api/chat. The base URL has no path. Facts and their sources:
/// README.md beside this file. It is pure and thread-safe.
std::shared_ptr<const Protocol> make_ollama_chat_protocol();

/// Returns the pieces of an answer that is only this text, for text_reply().
std::vector<std::string> ollama_chat_text_answer(std::string_view text, Delivery delivery);

}  // namespace abstractllm
