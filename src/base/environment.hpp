// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

namespace abstractllm {

/// The value of the variable. Returns nullopt if it is unset or empty (shell users write an empty value for "not set").
std::optional<std::string> environment(const std::string& name);

}  // namespace abstractllm
