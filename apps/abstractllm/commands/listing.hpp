// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "args.hpp"

namespace abstractllm::cli {

/// Runs the listing command of that name. It parses the words, and writes what `render` returns for them or reports its
/// error. Returns the process exit code.
int run_listing(std::string_view name, Words words, const std::function<Result<std::string>(const ListArgs&)>& render);

}  // namespace abstractllm::cli
