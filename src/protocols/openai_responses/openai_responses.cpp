// SPDX-License-Identifier: Apache-2.0
#include "protocols/openai_responses/openai_responses.hpp"

#include "protocols/answer_decoder.hpp"
#include "protocols/errors.hpp"
#include "protocols/openai_responses/answer.hpp"
#include "protocols/openai_responses/encode.hpp"

namespace abstractllm {
namespace {

class OpenaiResponses final : public Protocol {
 public:
  std::string_view name() const override { return "openai_responses"; }

  Result<EncodedRequest> encode(const Request& request) const override { return openai_responses::encode(request); }

  std::unique_ptr<Decoder> decoder(Delivery) const override {
    return make_answer_decoder(std::make_unique<openai_responses::ResponsesAnswer>(), Framing::events);
  }

  Error decode_error(const HttpHead& head, std::string_view body) const override {
    return abstractllm::decode_error(head, body);
  }
};

}  // namespace

std::shared_ptr<const Protocol> make_openai_responses_protocol() { return std::make_shared<OpenaiResponses>(); }

}  // namespace abstractllm
