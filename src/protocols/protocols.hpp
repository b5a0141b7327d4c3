// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "abstractllm/provider.hpp"

namespace abstractllm {

/// Returns the protocol of that name in its general form (no provider's dialect), or nullptr.
std::shared_ptr<const Protocol> find_protocol(std::string_view name);

/// Returns "openai_chat", "openai_responses", "anthropic_messages", "ollama_chat".
std::vector<std::string_view> protocol_names();

}  // namespace abstractllm
