// SPDX-License-Identifier: Apache-2.0
#include "protocols/text_answer.hpp"

#include "protocols/openai_responses/openai_responses.hpp"

namespace abstractllm {

std::vector<std::string> openai_responses_text_answer(std::string_view text, Delivery delivery) {
  std::vector<std::string> pieces;
  const Json part = {{"type", "output_text"}, {"text", text}, {"annotations", Json::array()}};
  const Json item = {{"type", "message"}, {"role", "assistant"}, {"content", Json::array({part})}};
  const Json whole = {{"id", "resp-1"},
                      {"object", "response"},
                      {"status", "completed"},
                      {"model", "scripted"},
                      {"output", Json::array({item})}};
  if (delivery == Delivery::body) return {dump_json(whole)};
  for (const std::string& word : words_of(text))
    pieces.push_back(named_event_of(
        {{"type", "response.output_text.delta"}, {"output_index", 0}, {"content_index", 0}, {"delta", word}}));
  pieces.push_back(named_event_of({{"type", "response.completed"}, {"response", whole}}));
  return pieces;
}

}  // namespace abstractllm
