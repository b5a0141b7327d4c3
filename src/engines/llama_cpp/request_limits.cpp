// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/request_limits.hpp"

#include <algorithm>

namespace abstractllm {
namespace {

constexpr int most_levels = 200;
constexpr int most_rules = 5000;

/// The position after the text that begins at `at` and ends with `closing`, with backslash escapes.
std::size_t behind(std::string_view text, std::size_t at, char closing) {
  for (++at; at < text.size() && text[at] != closing; ++at)
    if (text[at] == '\\') ++at;
  return at;
}

}  // namespace

int json_depth(std::string_view json_text) {
  int depth = 0;
  int deepest = 0;
  for (std::size_t at = 0; at < json_text.size(); ++at) {
    const char c = json_text[at];
    if (c == '"') at = behind(json_text, at, '"');
    else if (c == '[' || c == '{') deepest = std::max(deepest, ++depth);
    else if (c == ']' || c == '}') --depth;
  }
  return deepest;
}

std::optional<std::string> why_too_deep(std::string_view json_text) {
  const int depth = json_depth(json_text);
  if (depth <= most_levels) return std::nullopt;
  return "nests " + std::to_string(depth) + " levels deep, and the local engine takes " + std::to_string(most_levels);
}

std::optional<std::string> why_too_deep_grammar(std::string_view grammar) {
  int depth = 0;
  int deepest = 0;
  int rules = 0;
  for (std::size_t at = 0; at < grammar.size(); ++at) {
    const char c = grammar[at];
    if (c == '"') at = behind(grammar, at, '"');
    else if (c == '[') at = behind(grammar, at, ']');
    else if (c == '#') at = std::min(grammar.find('\n', at), grammar.size());
    else if (c == '(') deepest = std::max(deepest, ++depth);
    else if (c == ')') --depth;
    else if (c == '=') ++rules;
  }
  if (deepest > most_levels)
    return "the grammar nests " + std::to_string(deepest) + " groups, and the local engine takes " +
           std::to_string(most_levels);
  if (rules > most_rules)
    return "the grammar has " + std::to_string(rules) + " rules, and the local engine takes " +
           std::to_string(most_rules);
  return std::nullopt;
}

}  // namespace abstractllm
