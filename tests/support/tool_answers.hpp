// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/part.hpp"
#include "abstractllm/provider.hpp"

namespace abstractllm::test {

/// What a fake provider answers: text, then calls. Without calls the answer has come to its end.
struct Answer {
  std::string text;
  std::vector<ToolCall> calls;
  std::string finish_reason;  ///< the word of the protocol; empty: the usual one
};

/// Returns the bytes of an answer in a wire format, as its provider sends them. A stream has its arguments in pieces of
/// at most 5 bytes. Ollama's has no ids.
std::string answer_bytes(std::string_view protocol, Delivery delivery, const Answer& answer);

}  // namespace abstractllm::test
