// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace abstractllm {

/// Brackets and braces within brackets and braces, outside of strings. Takes any text, in linear time.
int json_depth(std::string_view json_text);

/// What the engine's functions that call themselves would overflow the stack with; nothing where there is no such
/// thing. Bodies and arguments of tool calls may nest 200 levels.
std::optional<std::string> why_too_deep(std::string_view json_text);
/// Of a grammar in GBNF: groups may nest 200 levels, and there may be 5000 rules, which may refer to one another.
std::optional<std::string> why_too_deep_grammar(std::string_view grammar);

}  // namespace abstractllm
