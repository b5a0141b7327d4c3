// SPDX-License-Identifier: Apache-2.0
#include "protocols/openai_chat/openai_chat.hpp"

#include "protocols/answer_decoder.hpp"
#include "protocols/errors.hpp"
#include "protocols/openai_chat/answer.hpp"
#include "protocols/openai_chat/encode.hpp"

namespace abstractllm {
namespace {

class OpenaiChat final : public Protocol {
 public:
  explicit OpenaiChat(const openai_chat::Dialect& dialect) : dialect_(dialect) {}

  std::string_view name() const override { return "openai_chat"; }

  Result<EncodedRequest> encode(const Request& request) const override {
    return openai_chat::encode(request, dialect_);
  }

  std::unique_ptr<Decoder> decoder(Delivery) const override {
    return make_answer_decoder(std::make_unique<openai_chat::Answer>(), Framing::events);
  }

  Error decode_error(const HttpHead& head, std::string_view body) const override {
    return abstractllm::decode_error(head, body);
  }

 private:
  openai_chat::Dialect dialect_;
};

}  // namespace

std::shared_ptr<const Protocol> make_openai_chat_protocol(const openai_chat::Dialect& dialect) {
  return std::make_shared<OpenaiChat>(dialect);
}

}  // namespace abstractllm
