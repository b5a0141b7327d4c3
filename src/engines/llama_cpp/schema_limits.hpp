// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace abstractllm {

/// What the engine would need minutes and gigabytes for, before it could be stopped: its grammar of an object costs the
/// cube of the properties that are not required. Nothing where there is no such schema in the text of a request. Takes
/// any text, in linear time.
std::optional<std::string> why_too_many_properties(std::string_view json_text);

}  // namespace abstractllm
