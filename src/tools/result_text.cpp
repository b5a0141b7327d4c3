// SPDX-License-Identifier: Apache-2.0
#include "tools/result_text.hpp"

#include <string_view>
#include <utility>

#include "base/utf8.hpp"

namespace abstractllm {

void fit_result(std::string& text, const std::string& tool, std::size_t most_bytes, std::vector<Warning>& warnings) {
  const std::size_t whole = text.size();
  // The sentence comes after the limit, so a byte that is cut in two is at most the last character.
  if (whole > most_bytes) text.resize(most_bytes);
  if (find_invalid_utf8(text)) {
    const std::string_view prefix = valid_utf8_prefix(text, text.size());
    const bool only_cut = whole > most_bytes && text.size() - prefix.size() < 4;
    if (only_cut) {
      text.resize(prefix.size());
    } else {
      // Each such byte becomes three.
      text = repaired_utf8(text);
      text.resize(valid_utf8_prefix(text, most_bytes).size());
      warnings.push_back(
          {"tool_result_repaired", "the result of tool '" + tool + "' is not UTF-8: its invalid bytes became U+FFFD"});
    }
  }
  if (whole <= most_bytes) return;
  const std::string limit = std::to_string(most_bytes) + " bytes";
  text += "\n[The result was cut: it is longer than " + limit + ".]";
  warnings.push_back({"tool_result_cut", "the result of tool '" + tool + "' was cut: it is longer than " + limit +
                                             " (max_tool_result_bytes)"});
}

void RoundBytes::fit(std::string& text, std::vector<Warning>& warnings) {
  if (text.size() <= left_) {
    left_ -= text.size();
    return;
  }
  text.resize(valid_utf8_prefix(text, std::exchange(left_, 0)).size());
  const std::string limit = std::to_string(most_) + " bytes";
  text.shrink_to_fit();
  text += "\n[The result was cut: the results of these calls together are longer than " + limit + ".]";
  // Without the tool's name: a model makes names up, and each would give a Warning.
  warnings.push_back(
      {"tool_result_cut", "results of tools were cut: those of one round together are longer than " + limit});
}

}  // namespace abstractllm
