// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "abstractllm/provider.hpp"

namespace abstractllm {

/// Ollama's own chat format, POST /api/chat under a base URL without a path. Facts and their sources: README.md beside
/// this file. Pure and thread-safe.
std::shared_ptr<const Protocol> make_ollama_chat_protocol();

}  // namespace abstractllm
