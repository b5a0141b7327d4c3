// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

namespace abstractllm {

/// The variable's value, or nothing where it is unset or empty (an empty value means "not set" to a shell user).
std::optional<std::string> environment(const std::string& name);

}  // namespace abstractllm
