// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "abstractllm/provider.hpp"
#include "core/authorize.hpp"
#include "exchange/body_inquiry.hpp"

namespace abstractllm {

/// A running operation of a protocol, other than chat.
template <class Answer>
class OperationInquiry final : public BodyInquiry {
 public:
  using Decode = std::function<Result<Answer>(std::string_view body)>;

  OperationInquiry(std::shared_ptr<const Protocol> protocol, Decode decode, std::shared_ptr<const HttpRequest> request,
                   std::shared_ptr<Transport> transport, std::string what, Authorize authorize,
                   std::size_t most_bytes = std::size_t{64} << 20)
      : BodyInquiry(request, std::move(transport), std::move(what), most_bytes),
        protocol_(std::move(protocol)),
        decode_(std::move(decode)),
        plain_request_(std::move(request)),
        authorize_(std::move(authorize)) {}

  /// Call it when the exchange has ended well.
  Answer& answer() { return *answer_; }
  /// The Warnings of the transport.
  std::vector<Warning>& warnings() { return warnings_; }

  Result<void> restart() override {
    std::shared_ptr<const HttpRequest> request = plain_request_;
    if (auto done = authorize_into(authorize_, plain_request_, request); !done) return done;
    set_target(std::move(request), transport());
    warnings_.clear();
    return BodyInquiry::restart();
  }
  void warn(const Warning& warning) override { warnings_.push_back(warning); }
  Error decode_error(const HttpHead& head, std::string_view body) override {
    return protocol_->decode_error(head, body);
  }
  std::string request_id(const HttpHead& head) const override { return protocol_->request_id(head); }

 protected:
  Result<void> take(std::string body) override {
    auto answer = decode_(body);
    if (!answer) return std::move(answer).error();
    answer_ = *std::move(answer);
    return {};
  }

 private:
  std::shared_ptr<const Protocol> protocol_;
  Decode decode_;
  std::shared_ptr<const HttpRequest> plain_request_;  // without the changes of authorize_
  Authorize authorize_;
  std::optional<Answer> answer_;
  std::vector<Warning> warnings_;
};

}  // namespace abstractllm
