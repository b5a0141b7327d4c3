// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <utility>
#include <vector>

#include "abstractllm/options.hpp"
#include "abstractllm/result.hpp"

namespace abstractllm::cli {

/// The flags of options, each with its option.
using OptionFlags = std::vector<std::pair<const OptionField*, CLI::Option*>>;

/// Adds the flags of the options that `wanted` accepts.
OptionFlags add_option_flags(CLI::App& app, bool (*wanted)(const OptionField& field));

/// Returns the options that these flags set. Errors: invalid_argument.
Result<Options> read_option_flags(const OptionFlags& flags);

CLI::Option* add_provider_flag(CLI::App& app);

/// Returns the provider that the flag, the environment or the default names.
std::string chosen_provider(const CLI::Option* flag);

/// Reads the value of a flag that is no option of the library. Errors: invalid_argument, which names the flag.
Result<int> whole_number(const std::string& flag, const std::string& text, int least, int most);

}  // namespace abstractllm::cli
