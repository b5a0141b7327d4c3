// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocols/decode_testing.hpp"
#include "protocols/openai_chat/openai_chat.hpp"

/// For the tests of this folder: an answer decoded from pieces of bytes.
namespace abstractllm::openai_chat {

inline Outcome decode_pieces(const std::vector<std::string_view>& pieces, Delivery delivery = Delivery::stream) {
  return abstractllm::decode_pieces(*make_openai_chat_protocol(), pieces, delivery);
}

inline Outcome decode(std::string_view bytes, Delivery delivery = Delivery::stream) {
  return decode_pieces({bytes}, delivery);
}

}  // namespace abstractllm::openai_chat
