// SPDX-License-Identifier: Apache-2.0
#include "protocols/tool_rules.hpp"

#include <algorithm>
#include <span>

namespace abstractllm {
namespace {

using NameBegin = ToolRules::NameBegin;
using Keywords = std::span<const std::string_view>;

constexpr Keywords no_keywords;
constexpr std::string_view openai_root[] = {"oneOf", "anyOf", "allOf", "enum", "const", "not"};
constexpr std::string_view anthropic_root[] = {"oneOf", "anyOf", "allOf"};
constexpr std::string_view gemini_refused[] = {"$schema", "additionalProperties", "patternProperties", "propertyNames",
                                               "const",   "exclusiveMinimum",     "exclusiveMaximum"};
// `pattern` is left out of these: which regular expressions strict mode takes is not documented.
constexpr std::string_view openai_strict[] = {"type",
                                              "properties",
                                              "required",
                                              "additionalProperties",
                                              "items",
                                              "enum",
                                              "const",
                                              "anyOf",
                                              "$ref",
                                              "$defs",
                                              "definitions",
                                              "description",
                                              "title",
                                              "format",
                                              "multipleOf",
                                              "minimum",
                                              "exclusiveMinimum",
                                              "maximum",
                                              "exclusiveMaximum",
                                              "minItems",
                                              "maxItems"};
constexpr std::string_view azure_strict[] = {
    "type",  "properties", "required", "additionalProperties", "items",       "enum", "const",
    "anyOf", "$ref",       "$defs",    "definitions",          "description", "title"};

constexpr ToolRules rule_sets[] = {
#define ABSTRACTLLM_TOOL_RULES(id, owner, name_begin, name_marks, name_bytes, tools, refused, refused_at_root, strict) \
  {owner, NameBegin::name_begin, name_marks, name_bytes, tools, {refused, refused_at_root, strict}},
#include "protocols/tool_rules.def"
#undef ABSTRACTLLM_TOOL_RULES
};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Returns "letters, digits, '_' and '-'".
std::string described(std::string_view marks) {
  std::string text = "letters, digits";
  for (const char mark : marks) {
    text += mark == marks.back() ? " and '" : ", '";
    (text += mark) += '\'';
  }
  return text;
}

}  // namespace

std::optional<std::string> ToolRules::fault_of_name(std::string_view name) const {
  const auto fits = [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || name_marks.find(c) != std::string_view::npos;
  };
  std::string fault = "has a name that " + std::string(owner) + " does not take: ";
  if (!name_marks.empty() && !std::all_of(name.begin(), name.end(), fits)) {
    fault += "a name holds only " + described(name_marks);
  } else if (name_begin == NameBegin::letter && !name.empty() && !is_letter(name.front()) && name.front() != '_') {
    fault += "a name begins with a letter or '_'";
  } else if (name_bytes > 0 && name.size() > name_bytes) {
    fault += "a name has at most " + std::to_string(name_bytes) + " characters, and this one has " +
             std::to_string(name.size());
  } else {
    return std::nullopt;
  }
  return fault;
}

const ToolRules& tool_rules(ToolRuleSet set) { return rule_sets[static_cast<std::size_t>(set)]; }

}  // namespace abstractllm
