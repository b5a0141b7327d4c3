// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/provider.hpp"
#include "core/authorize.hpp"
#include "exchange/inquiry.hpp"

namespace abstractllm {

/// A chat request and its answer as events.
class ChatInquiry final : public Inquiry {
 public:
  ChatInquiry(std::shared_ptr<const Protocol> protocol, Delivery delivery, bool strict,
              std::shared_ptr<const HttpRequest> request, std::shared_ptr<Transport> transport);

  /// Replaces the request. Call it before the first attempt.
  void set_request(std::shared_ptr<const HttpRequest> request) { request_ = plain_request_ = std::move(request); }

  /// Makes `authorize` change the request of each attempt.
  void set_authorize(Authorize authorize) { authorize_ = std::move(authorize); }

  /// Events in order that are not yet delivered. The caller moves them out and clears the list.
  Decoded& decoded() { return decoded_; }

  const std::shared_ptr<const HttpRequest>& request() const override { return request_; }
  const std::shared_ptr<Transport>& transport() const override { return transport_; }
  Result<void> restart() override;
  Result<void> take_head(const HttpHead& head) override;
  Result<void> feed(std::string_view bytes) override;
  Result<void> finish() override;
  bool finish_if_whole() override;
  const Reading& reading() const override { return reading_; }
  bool has_output() const override { return !decoded_.events.empty(); }
  void warn(const Warning& warning) override;
  Error decode_error(const HttpHead& head, std::string_view body) override;
  std::string request_id(const HttpHead& head) const override;

 private:
  Result<void> settle(std::size_t known_events, Result<void> decoded);
  void note_shape(std::string_view bytes);
  void add_warning_of_usage();

  std::shared_ptr<const Protocol> protocol_;
  Delivery delivery_;
  bool strict_;
  std::shared_ptr<const HttpRequest> plain_request_;  // without the changes of authorize_
  std::shared_ptr<const HttpRequest> request_;
  std::shared_ptr<Transport> transport_;
  Authorize authorize_;
  std::unique_ptr<Decoder> decoder_;
  Decoded decoded_;
  Reading reading_;
  std::optional<bool> whole_body_;  // whether the answer is one body, which its first byte tells
  std::vector<Warning> warned_;     // Warnings of the transport
};

}  // namespace abstractllm
