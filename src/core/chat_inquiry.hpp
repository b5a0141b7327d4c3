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

/// Sees the events of an answer before they are delivered.
class EventTap {
 public:
  /// An attempt begins: what came before it from the same request does not count.
  virtual void restart() = 0;
  /// Takes the events from `first_new` on. It may remove or add some.
  virtual void take(Decoded& decoded, std::size_t first_new) = 0;

 protected:
  ~EventTap() = default;
};

/// A chat request and its answer as events. It can be used for several requests, one after the other.
class ChatInquiry final : public Inquiry {
 public:
  ChatInquiry(std::shared_ptr<const Protocol> protocol, Delivery delivery, bool strict,
              std::shared_ptr<const HttpRequest> request, std::shared_ptr<Transport> transport);

  /// Replaces the request. Call it before the first attempt.
  void set_request(std::shared_ptr<const HttpRequest> request) { request_ = plain_request_ = std::move(request); }

  /// Makes `authorize` change the request of each attempt.
  void set_authorize(Authorize authorize) { authorize_ = std::move(authorize); }

  /// `tap` must live as long as this object is used.
  void set_tap(EventTap* tap) { tap_ = tap; }
  /// The request without the changes of authorize.
  const std::shared_ptr<const HttpRequest>& plain_request() const { return plain_request_; }
  /// The provider's id of the latest request that got an answer, or "".
  const std::string& last_request_id() const { return last_request_id_; }
  /// The number of attempts, of all requests together.
  int attempts() const { return attempts_; }

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
  EventTap* tap_ = nullptr;
  std::string last_request_id_;
  int attempts_ = 0;
};

}  // namespace abstractllm
