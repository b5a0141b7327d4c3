// SPDX-License-Identifier: Apache-2.0
#include "protocols/protocols.hpp"

#include "protocols/anthropic_messages/anthropic_messages.hpp"
#include "protocols/ollama_chat/ollama_chat.hpp"
#include "protocols/openai_chat/openai_chat.hpp"
#include "protocols/openai_responses/openai_responses.hpp"

namespace abstractllm {
namespace {

const std::vector<std::shared_ptr<const Protocol>>& all() {
  // Leaked: threads may look for protocols while the process exits.
  static const auto& protocols = *new const std::vector<std::shared_ptr<const Protocol>>{
      make_openai_chat_protocol(), make_openai_responses_protocol(), make_anthropic_messages_protocol(),
      make_ollama_chat_protocol()};
  return protocols;
}

}  // namespace

std::shared_ptr<const Protocol> find_protocol(std::string_view name) {
  for (const auto& protocol : all())
    if (protocol->name() == name) return protocol;
  return nullptr;
}

std::vector<std::string_view> protocol_names() {
  std::vector<std::string_view> names;
  for (const auto& protocol : all()) names.push_back(protocol->name());
  return names;
}

}  // namespace abstractllm
