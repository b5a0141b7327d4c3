// SPDX-License-Identifier: Apache-2.0
#include "protocols/text_answer.hpp"

#include "protocols/openai_chat/openai_chat.hpp"

namespace abstractllm {

std::vector<std::string> openai_chat_text_answer(std::string_view text, Delivery delivery) {
  std::vector<std::string> pieces;
  if (delivery == Delivery::body) {
    const Json message = {{"role", "assistant"}, {"content", text}};
    const Json choice = {{"index", 0}, {"message", message}, {"finish_reason", "stop"}};
    return {dump_json({{"id", "chat-1"}, {"model", "scripted"}, {"choices", Json::array({choice})}})};
  }
  const auto chunk = [](Json delta, Json reason) {
    const Json choice = {{"index", 0}, {"delta", std::move(delta)}, {"finish_reason", std::move(reason)}};
    return event_of({{"id", "chat-1"}, {"model", "scripted"}, {"choices", Json::array({choice})}});
  };
  for (const std::string& word : words_of(text)) pieces.push_back(chunk({{"content", word}}, nullptr));
  pieces.push_back(chunk(Json::object(), "stop"));
  pieces.emplace_back("data: [DONE]\n\n");
  return pieces;
}

}  // namespace abstractllm
