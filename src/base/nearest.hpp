// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace abstractllm {

/// The known name that the user probably meant by `typed`: the one with the fewest edits, at most a third of its length
/// and at least one. Otherwise nullopt.
std::optional<std::string_view> nearest_name(std::string_view typed, std::span<const std::string_view> known);

}  // namespace abstractllm
