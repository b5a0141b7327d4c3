// SPDX-License-Identifier: Apache-2.0
#include "protocols/ollama_chat/ollama_chat.hpp"

#include "protocols/answer_decoder.hpp"
#include "protocols/errors.hpp"
#include "protocols/ollama_chat/answer.hpp"
#include "protocols/ollama_chat/encode.hpp"

namespace abstractllm {
namespace {

class OllamaChat final : public Protocol {
 public:
  std::string_view name() const override { return "ollama_chat"; }

  Result<EncodedRequest> encode(const Request& request) const override { return ollama_chat::encode(request); }

  std::span<const std::string_view> engine_options() const override { return ollama_chat::engine_options(); }

  std::unique_ptr<Decoder> decoder(Delivery) const override {
    return make_answer_decoder(std::make_unique<ollama_chat::OllamaAnswer>(), Framing::lines);
  }

  Error decode_error(const HttpHead& head, std::string_view body) const override {
    return abstractllm::decode_error(head, body);
  }
};

}  // namespace

std::shared_ptr<const Protocol> make_ollama_chat_protocol() { return std::make_shared<OllamaChat>(); }

}  // namespace abstractllm
