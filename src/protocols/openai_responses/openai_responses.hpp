// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/provider.hpp"
#include "protocols/tool_rules.hpp"

namespace abstractllm {

/// The protocol of OpenAI's Responses. Servers that speak it: llama-server, LM Studio, OpenRouter, … Facts and their
/// sources: README.md beside this file. `tools` are the rules of the server for tools. It is pure and thread-safe.
std::shared_ptr<const Protocol> make_openai_responses_protocol(ToolRuleSet tools = ToolRuleSet::openai);

/// Returns the pieces of an answer that is only this text, for text_reply().
std::vector<std::string> openai_responses_text_answer(std::string_view text, Delivery delivery);

}  // namespace abstractllm
