// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "args.hpp"

namespace abstractllm::cli {

/// Runs the listing command of that name: parses the words, writes what `render` gives for the format that was asked
/// for. Returns the process exit code.
int run_listing(std::string_view name, Words words, const std::function<std::string(Format)>& render);

}  // namespace abstractllm::cli
