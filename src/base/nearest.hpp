// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace abstractllm {

/// The known name that `typed` was probably meant to be (fewest edits, at most a third of its length, at least one), or
/// nothing.
std::optional<std::string_view> nearest_name(std::string_view typed, std::span<const std::string_view> known);

}  // namespace abstractllm
