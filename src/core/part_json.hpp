// SPDX-License-Identifier: Apache-2.0
// Parts as JSON: field names are a contract (docs/cli.md).
#pragma once

#include <string>
#include <string_view>

#include "abstractllm/part.hpp"
#include "core/json_writer.hpp"

namespace abstractllm {

/// How JSON text from outside is written into other JSON.
enum class JsonSpelling {
  compact,  ///< without blanks between its tokens
  exact,    ///< as it is, so that it can be read back as it was; compact where it has line breaks
};

/// JSON text as it is spelled; text that is no JSON, or is nested more than 200 levels deep, as a string.
std::string json_or_string(std::string_view text, JsonSpelling spelling);

/// Adds the members id, name, arguments, and where they apply incomplete and provider_data.
void add_tool_call(JsonWriter& json, const ToolCall& call, JsonSpelling spelling);

/// Adds all members of a part, with its type.
void add_part(JsonWriter& json, const Part& part, JsonSpelling spelling);

}  // namespace abstractllm
