// SPDX-License-Identifier: Apache-2.0
#include "protocols/anthropic_messages/anthropic_messages.hpp"

#include "protocols/answer_decoder.hpp"
#include "protocols/anthropic_messages/answer.hpp"
#include "protocols/anthropic_messages/encode.hpp"
#include "protocols/errors.hpp"

namespace abstractllm {
namespace {

class AnthropicMessages final : public Protocol {
 public:
  std::string_view name() const override { return "anthropic_messages"; }

  Result<EncodedRequest> encode(const Request& request) const override { return anthropic_messages::encode(request); }

  std::unique_ptr<Decoder> decoder(Delivery) const override {
    return make_answer_decoder(std::make_unique<anthropic_messages::MessagesAnswer>(), Framing::events);
  }

  Error decode_error(const HttpHead& head, std::string_view body) const override {
    return abstractllm::decode_error(head, body);
  }
};

}  // namespace

std::shared_ptr<const Protocol> make_anthropic_messages_protocol() { return std::make_shared<AnthropicMessages>(); }

}  // namespace abstractllm
