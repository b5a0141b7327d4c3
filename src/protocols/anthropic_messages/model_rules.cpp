// SPDX-License-Identifier: Apache-2.0
#include "protocols/anthropic_messages/model_rules.hpp"

#include <optional>

namespace abstractllm::anthropic_messages {
namespace {

struct RuleRow {
  std::string_view family;  ///< empty for any family
  int first;                ///< version, 100 * major + minor
  int last;
  AnthropicModelRules rules;
};

constexpr auto no_thinking = ThinkingControl::none;
constexpr auto budget = ThinkingControl::budget;
constexpr auto effort = ThinkingControl::effort;

// The first row that matches decides. If no row matches, the newest rules apply (a default AnthropicModelRules).
// Source: docs/wire-formats.md#anthropic-models.
constexpr RuleRow rule_rows[] = {
    {"", 0, 306, {true, true, false, no_thinking, false, true}},
    {"", 307, 405, {true, true, false, budget, true, true}},
    {"", 406, 406, {true, true, true, effort, true, true}},
    {"opus", 407, 504, {true, false, false, effort, true, true}},
    {"sonnet", 407, 504, {true, false, false, effort, true, true}},
    {"haiku", 505, 505, {true, false, false, effort, true, true}},
    {"fable", 500, 500, {true, false, false, effort, false, true}},
};

struct ModelName {
  std::string_view family;
  std::optional<int> version;
};

/// Reads a part of a version: one or two digits. Longer numbers are dates.
std::optional<int> version_part(std::string_view word) {
  if (word.empty() || word.size() > 2 || word.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  int number = 0;
  for (const char digit : word) number = 10 * number + (digit - '0');
  return number;
}

/// Reads what follows "claude-": "opus-4-1-20250805", "sonnet-4.5", "3-5-haiku-latest".
ModelName read_name(std::string_view rest) {
  ModelName name;
  bool behind_major = false;
  while (!rest.empty()) {
    const std::string_view word = rest.substr(0, rest.find_first_of("-.@:"));
    rest.remove_prefix(word.size() < rest.size() ? word.size() + 1 : rest.size());
    const std::optional<int> part = version_part(word);
    const bool has_digit = word.find_first_of("0123456789") != std::string_view::npos;
    if (!has_digit && name.family.empty()) name.family = word;
    const bool is_major = part && !name.version;
    if (is_major) name.version = 100 * *part;
    if (part && behind_major) name.version = *name.version + *part;
    behind_major = is_major;
  }
  return name;
}

/// Returns what follows "claude-", or nothing. Vendors put "anthropic/" or "us.anthropic." before it.
std::optional<std::string_view> behind_claude(std::string_view model) {
  constexpr std::string_view claude = "claude-";
  const std::size_t at = model.find(claude);
  if (at == std::string_view::npos) return std::nullopt;
  if (at > 0 && model[at - 1] != '/' && model[at - 1] != '.') return std::nullopt;
  return model.substr(at + claude.size());
}

}  // namespace

AnthropicModelRules anthropic_model_rules(std::string_view model) {
  const std::optional<std::string_view> rest = behind_claude(model);
  if (!rest) return {false, true, false, ThinkingControl::none, false, true};
  const ModelName name = read_name(*rest);
  for (const RuleRow& row : rule_rows) {
    const bool of_family = row.family.empty() || row.family == name.family;
    if (of_family && name.version && *name.version >= row.first && *name.version <= row.last) return row.rules;
  }
  return {};
}

}  // namespace abstractllm::anthropic_messages
