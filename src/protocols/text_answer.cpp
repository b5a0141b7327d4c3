// SPDX-License-Identifier: Apache-2.0
#include "protocols/text_answer.hpp"

#include <algorithm>

namespace abstractllm {

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t size = std::min(text.find(' ', 1), text.size());
    words.emplace_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return words;
}

std::string event_of(const Json& data) { return "data: " + dump_json(data) + "\n\n"; }

std::string named_event_of(const Json& data) {
  return "event: " + data["type"].get<std::string>() + "\n" + event_of(data);
}

}  // namespace abstractllm
