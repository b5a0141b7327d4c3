// SPDX-License-Identifier: Apache-2.0
#include "protocols/wire_format.hpp"

#include <utility>

#include "protocols/errors.hpp"

namespace abstractllm {
namespace {

template <class T>
const T* pointer_to(const std::optional<T>& operation) {
  return operation ? &*operation : nullptr;
}

class FormatProtocol final : public Protocol {
 public:
  explicit FormatProtocol(WireFormat format) : format_(std::move(format)) {}

  std::string_view name() const override { return format_.name; }
  Result<EncodedRequest> encode(const Request& request) const override { return format_.encode(request); }
  MediaSupport media() const override { return format_.media; }
  std::unique_ptr<Decoder> decoder(Delivery) const override {
    return make_answer_decoder(format_.make_reader(), format_.framing);
  }
  Error decode_error(const HttpHead& head, std::string_view body) const override {
    return abstractllm::decode_error(head, body);
  }
  std::span<const std::string_view> engine_options() const override { return format_.engine_options; }
  std::optional<Warning> check_usage(const HttpRequest& request, const Usage& usage) const override {
    return format_.check_usage == nullptr ? std::nullopt : format_.check_usage(request, usage);
  }
  std::span<const std::string_view> call_paths() const override { return format_.call_paths; }
  const ModelsOperation* models() const override { return pointer_to(format_.models); }
  const DescribeOperation* describe() const override { return pointer_to(format_.describe); }
  const CountTokensOperation* count_tokens() const override { return pointer_to(format_.count_tokens); }
  const EmbedOperation* embed() const override { return pointer_to(format_.embed); }
  const RerankOperation* rerank() const override { return pointer_to(format_.rerank); }

 private:
  WireFormat format_;
};

}  // namespace

std::shared_ptr<const Protocol> make_protocol(WireFormat format) {
  return std::make_shared<FormatProtocol>(std::move(format));
}

std::string Protocol::request_id(const HttpHead& head) const { return provider_request_id(head); }

}  // namespace abstractllm
