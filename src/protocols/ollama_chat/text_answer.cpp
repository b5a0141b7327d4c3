// SPDX-License-Identifier: Apache-2.0
#include "protocols/text_answer.hpp"

#include "protocols/ollama_chat/ollama_chat.hpp"

namespace abstractllm {

std::vector<std::string> ollama_chat_text_answer(std::string_view text, Delivery delivery) {
  std::vector<std::string> pieces;
  const auto line = [](std::string_view content, bool done) {
    Json json = {{"model", "scripted"}, {"message", {{"role", "assistant"}, {"content", content}}}, {"done", done}};
    if (done) json["done_reason"] = "stop";
    return dump_json(json) + "\n";
  };
  if (delivery == Delivery::body) return {line(text, true)};
  for (const std::string& word : words_of(text)) pieces.push_back(line(word, false));
  pieces.push_back(line("", true));
  return pieces;
}

}  // namespace abstractllm
