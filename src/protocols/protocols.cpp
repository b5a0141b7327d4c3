// SPDX-License-Identifier: Apache-2.0
#include "protocols/protocols.hpp"

#include "abstractllm/testing.hpp"
#include "protocols/anthropic_messages/anthropic_messages.hpp"
#include "protocols/ollama_chat/ollama_chat.hpp"
#include "protocols/openai_chat/openai_chat.hpp"
#include "protocols/openai_responses/openai_responses.hpp"

namespace abstractllm {
namespace {

struct KnownProtocol {
  std::shared_ptr<const Protocol> protocol;
  std::vector<std::string> (*text_answer)(std::string_view text, Delivery delivery);
};

const std::vector<KnownProtocol>& known_protocols() {
  // This is leaked, because threads may look up protocols while the process exits.
  static const auto& protocols = *new const std::vector<KnownProtocol>{
#define ABSTRACTLLM_PROTOCOL(name) {make_##name##_protocol(), name##_text_answer},
#include "protocols/protocols.def"
#undef ABSTRACTLLM_PROTOCOL
  };
  return protocols;
}

}  // namespace

std::shared_ptr<const Protocol> find_protocol(std::string_view name) {
  for (const KnownProtocol& known : known_protocols())
    if (known.protocol->name() == name) return known.protocol;
  return nullptr;
}

std::vector<std::string_view> protocol_names() {
  std::vector<std::string_view> names;
  for (const KnownProtocol& known : known_protocols()) names.push_back(known.protocol->name());
  return names;
}

Result<Reply> text_reply(std::string_view protocol_name, std::string_view text, Delivery delivery) {
  for (const KnownProtocol& known : known_protocols()) {
    if (known.protocol->name() != protocol_name) continue;
    Reply reply;
    for (std::string& piece : known.text_answer(text, delivery)) reply.bytes(std::move(piece));
    return reply;
  }
  return Error(ErrorKind::invalid_argument, "there is no protocol '" + std::string(protocol_name) + "' to reply in");
}

}  // namespace abstractllm
