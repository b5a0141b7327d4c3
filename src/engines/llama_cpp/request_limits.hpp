// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace abstractllm {

/// The nesting depth of brackets and braces outside of strings. Accepts any text. Takes linear time.
int json_depth(std::string_view json_text);

/// Why recursive functions of the engine would overflow the stack with this request, or nullopt. Bodies and arguments
/// of tool calls may nest 200 levels.
std::optional<std::string> why_too_deep(std::string_view json_text);
/// The same for a grammar in GBNF: groups may nest 200 levels, and there may be 5000 rules, because rules refer to each
/// other.
std::optional<std::string> why_too_deep_grammar(std::string_view grammar);

}  // namespace abstractllm
