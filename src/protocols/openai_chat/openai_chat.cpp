// SPDX-License-Identifier: Apache-2.0
#include "protocols/openai_chat/openai_chat.hpp"

#include "protocols/openai_chat/decode.hpp"
#include "protocols/openai_chat/encode.hpp"
#include "protocols/openai_chat/errors.hpp"

namespace abstractllm {
namespace {

class OpenaiChat final : public Protocol {
 public:
  std::string_view name() const override { return "openai_chat"; }

  Result<HttpRequest> encode(const Request& request) const override {
    return openai_chat::encode(request, openai_chat::llama_server_fields);
  }

  // Either decoder takes both forms: servers answer a stream request with a body and the other way round.
  std::unique_ptr<Decoder> decoder(Delivery) const override { return openai_chat::make_decoder(); }

  Error decode_error(const HttpHead& head, std::string_view body) const override {
    return openai_chat::decode_error(head, body);
  }
};

}  // namespace

std::shared_ptr<const Protocol> make_openai_chat_protocol() { return std::make_shared<OpenaiChat>(); }

}  // namespace abstractllm
