// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "schema/adapted_schemas.hpp"

namespace abstractllm {

/// The rows of tool_rules.def.
enum class ToolRuleSet {
#define ABSTRACTLLM_TOOL_RULES(id, owner, name_begin, name_marks, name_bytes, tools, refused, refused_at_root, strict) \
  id,
#include "protocols/tool_rules.def"
#undef ABSTRACTLLM_TOOL_RULES
};

/// What a server accepts of tools.
struct ToolRules {
  enum class NameBegin { any, letter };

  std::string_view owner;  ///< as messages name the server; empty: nothing is known about it
  NameBegin name_begin = NameBegin::any;
  std::string_view name_marks;  ///< what a name may hold besides letters and digits of ASCII; empty: anything
  std::size_t name_bytes = 0;   ///< most bytes of a name; 0: no known limit
  std::size_t tools = 0;        ///< most tools of one request; 0: no known limit
  SchemaSubset schemas;

  /// Returns why the server refuses this name, as the rest of a sentence that begins with the name, or nothing.
  std::optional<std::string> fault_of_name(std::string_view name) const;
};

/// Returns a row. It has static storage.
const ToolRules& tool_rules(ToolRuleSet set);

}  // namespace abstractllm
