// SPDX-License-Identifier: Apache-2.0
// Writes parts as JSON. The field names are a contract (docs/cli.md).
#pragma once

#include <string>
#include <string_view>

#include "abstractllm/part.hpp"
#include "core/json_writer.hpp"

namespace abstractllm {

/// How JSON text from outside is written into other JSON.
enum class JsonSpelling {
  compact,  ///< without blanks between its tokens
  exact,    ///< unchanged, so that it can be read back exactly; compact if it has line breaks
};

/// Returns JSON text in its own spelling. Text that is not JSON, or is nested more than 200 levels deep, becomes a
/// string.
std::string json_or_string(std::string_view text, JsonSpelling spelling);

/// Adds the members id, name and arguments, and if they apply incomplete and provider_data.
void add_tool_call(JsonWriter& json, const ToolCall& call, JsonSpelling spelling);

/// Adds the members id, name, data, and if it applies provider_data.
void add_hosted_call(JsonWriter& json, const HostedToolCall& call, JsonSpelling spelling);

/// Adds all members of a part, including its type.
void add_part(JsonWriter& json, const Part& part, JsonSpelling spelling);

}  // namespace abstractllm
