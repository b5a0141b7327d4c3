// SPDX-License-Identifier: Apache-2.0
#include "core/ask_server.hpp"

#include <utility>

#include "core/running_call.hpp"
#include "protocols/errors.hpp"
#include "providers/open_transport.hpp"

namespace abstractllm {
namespace {

constexpr std::size_t most_body_bytes = std::size_t{64} << 20;

/// A body as one piece of text: the question goes through the same exchange as a call.
class BodyDecoder final : public Decoder {
 public:
  explicit BodyDecoder(std::string what) : what_(std::move(what)) {}
  Result<void> feed(std::string_view bytes, Decoded&) override {
    if (body_.size() + bytes.size() > most_body_bytes) return Error(ErrorKind::protocol, what_ + " is too large");
    body_ += bytes;
    return {};
  }
  Result<void> finish(Decoded& out) override {
    out.events.emplace_back(TextDelta{std::move(body_)});
    out.events.emplace_back(Finished{});
    return {};
  }
  bool knows_its_end() const override { return false; }

 private:
  std::string what_;
  std::string body_;
};

class BodyProtocol final : public Protocol {
 public:
  explicit BodyProtocol(std::string what) : what_(std::move(what)) {}
  std::string_view name() const override { return "none"; }
  Result<EncodedRequest> encode(const Request&) const override {
    return Error(ErrorKind::internal, what_ + " is not asked for with messages");
  }
  std::unique_ptr<Decoder> decoder(Delivery) const override { return std::make_unique<BodyDecoder>(what_); }
  Error decode_error(const HttpHead& head, std::string_view body) const override {
    return abstractllm::decode_error(head, body);
  }

 private:
  std::string what_;
};

}  // namespace

Result<std::string> ask_server(const Provider& provider, const Options& options, HttpRequest http, std::string what) {
  auto transport = open_transport(provider, options);
  if (!transport) return std::move(transport).error();
  return ask_server(*std::move(transport), provider, options, std::move(http), std::move(what));
}

Result<std::string> ask_server(std::shared_ptr<Transport> transport, const Provider& provider, const Options& options,
                               HttpRequest http, std::string what) {
  const Policy policy = policy_from(options);
  auto chat =
      std::make_shared<ChatInquiry>(std::make_shared<BodyProtocol>(std::move(what)), Delivery::body, policy.strict,
                                    std::make_shared<const HttpRequest>(std::move(http)), std::move(transport));
  Sequence sequence(Stage{chat, policy}, [] { return 0.5; });
  RunningCall call({{provider.name, "", "none", Delivery::body},
                    std::move(chat),
                    std::move(sequence),
                    options.stop_token(),
                    {},
                    {}});
  for (;;) {
    auto event = call.next();
    if (!event) return std::move(event).error();
    if (!*event) return call.response().text;
  }
}

}  // namespace abstractllm
