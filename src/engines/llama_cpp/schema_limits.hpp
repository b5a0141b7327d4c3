// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace abstractllm {

/// Why the engine would need minutes and gigabytes for a schema in the text of a request before it could be stopped:
/// its grammar for an object costs the cube of the number of optional properties. Nullopt if there is no such schema.
/// Accepts any text. Takes linear time.
std::optional<std::string> why_too_many_properties(std::string_view json_text);

}  // namespace abstractllm
