// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/prompt.hpp"

namespace abstractllm {

Prompt::Prompt(const char* text) : Prompt(std::string(text)) {}
Prompt::Prompt(std::string_view text) : Prompt(std::string(text)) {}
Prompt::Prompt(std::string text) : Prompt(Message::user(std::move(text))) {}
Prompt::Prompt(Message message) { add(std::move(message)); }
Prompt::Prompt(std::vector<Message> messages) : messages_(std::move(messages)) {}

void Prompt::reserve(std::size_t count) { messages_.reserve(count); }
void Prompt::add(Message&& message) { messages_.push_back(std::move(message)); }

}  // namespace abstractllm
