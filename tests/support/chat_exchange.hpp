// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "abstractllm/registry.hpp"
#include "core/chat_inquiry.hpp"
#include "exchange/sequence.hpp"

/// For the tests of exchange and drivers: a chat call, and how much of it has come.
namespace abstractllm::test {

inline std::shared_ptr<ChatInquiry> chat_inquiry(const Policy& policy, Delivery delivery = Delivery::stream,
                                                 std::shared_ptr<Transport> transport = nullptr) {
  return std::make_shared<ChatInquiry>(protocol("openai_chat"), delivery, policy.strict,
                                       std::make_shared<const HttpRequest>(), std::move(transport));
}

/// The same random number always.
inline double half() { return 0.5; }

/// An Exchange of a chat call.
class ChatExchange : public Exchange {
 public:
  explicit ChatExchange(const Policy& policy, Delivery delivery = Delivery::stream)
      : ChatExchange(chat_inquiry(policy, delivery), policy) {}
  Decoded& decoded() { return chat_->decoded(); }

 private:
  ChatExchange(std::shared_ptr<ChatInquiry> chat, const Policy& policy)
      : Exchange(chat, policy, half), chat_(std::move(chat)) {}
  std::shared_ptr<ChatInquiry> chat_;
};

/// A call of one chat inquiry.
inline Sequence chat_sequence(const Policy& policy, std::shared_ptr<Transport> transport) {
  return Sequence(Stage{chat_inquiry(policy, Delivery::stream, std::move(transport)), policy}, half);
}

/// What has come of the chat call that a driver runs.
template <class Driver>
Decoded& decoded_of(const Driver& driver) {
  return dynamic_cast<ChatInquiry&>(driver.sequence().inquiry()).decoded();
}

}  // namespace abstractllm::test
