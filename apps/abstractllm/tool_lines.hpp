// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "abstractllm/stream.hpp"

namespace abstractllm::cli {

/// Returns the line that tells a person about this event: a call of a tool, as `-> NAME ARGUMENTS`, or its result, as
/// `<- NAME RESULT (0.2 s)`. It is shortened, and control characters are visible. Other events have none.
std::optional<std::string> tool_line(const StreamEvent& event);

}  // namespace abstractllm::cli
