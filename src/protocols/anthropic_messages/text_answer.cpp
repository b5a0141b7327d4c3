// SPDX-License-Identifier: Apache-2.0
#include "protocols/text_answer.hpp"

#include "protocols/anthropic_messages/anthropic_messages.hpp"

namespace abstractllm {

std::vector<std::string> anthropic_messages_text_answer(std::string_view text, Delivery delivery) {
  std::vector<std::string> pieces;
  if (delivery == Delivery::body) {
    const Json block = {{"type", "text"}, {"text", text}};
    return {dump_json({{"id", "msg-1"},
                       {"type", "message"},
                       {"role", "assistant"},
                       {"model", "scripted"},
                       {"content", Json::array({block})},
                       {"stop_reason", "end_turn"}})};
  }
  const Json message = {
      {"id", "msg-1"}, {"type", "message"}, {"role", "assistant"}, {"model", "scripted"}, {"content", Json::array()}};
  pieces.push_back(named_event_of({{"type", "message_start"}, {"message", message}}));
  pieces.push_back(named_event_of(
      {{"type", "content_block_start"}, {"index", 0}, {"content_block", {{"type", "text"}, {"text", ""}}}}));
  for (const std::string& word : words_of(text))
    pieces.push_back(named_event_of(
        {{"type", "content_block_delta"}, {"index", 0}, {"delta", {{"type", "text_delta"}, {"text", word}}}}));
  pieces.push_back(named_event_of({{"type", "content_block_stop"}, {"index", 0}}));
  pieces.push_back(named_event_of({{"type", "message_delta"}, {"delta", {{"stop_reason", "end_turn"}}}}));
  pieces.push_back(named_event_of({{"type", "message_stop"}}));
  return pieces;
}

}  // namespace abstractllm
