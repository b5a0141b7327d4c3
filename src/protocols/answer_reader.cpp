// SPDX-License-Identifier: Apache-2.0
#include "protocols/answer_reader.hpp"

#include "base/utf8.hpp"

namespace abstractllm {

void take_first(std::string& known, std::string_view word) {
  constexpr std::size_t most_bytes = 1000;
  if (known.empty()) known = valid_utf8_prefix(word, most_bytes);
}

std::string_view finish_word(std::string_view word) {
  return word == "null" || word == "None" ? std::string_view() : word;
}

FinishReason reason_with_calls(FinishReason said, bool calls, bool complete) {
  if (is_cut_short(said)) return said;
  if (complete) return FinishReason::tool_calls;
  return calls && said == FinishReason::tool_calls ? FinishReason::other : said;
}

}  // namespace abstractllm
