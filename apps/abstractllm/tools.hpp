// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "abstractllm/options.hpp"
#include "abstractllm/result.hpp"

namespace abstractllm::cli {

/// Who allows that the command of a tool runs.
enum class Approve {
  ask,   ///< the person at the terminal, call by call
  all,   ///< every call is allowed
  none,  ///< no call is allowed
};

/// The flags about tools of a command that asks a model.
struct ToolArgs {
  std::optional<std::string> file;
  std::optional<Approve> approve;
  bool may_ask = true;  ///< whether the command can ask at a terminal
};

/// Returns the options with the tools of the file, each with its command, and with the function that allows them. It
/// reads the environment, so call it before threads start that change it. Errors: invalid_argument for a file that
/// cannot be read or is malformed, which names the file and the entry, and if a command needs an approval that nobody
/// can give; not if `sends` is false, because then nothing runs. cancelled if `wake` became readable.
Result<Options> with_tools(const Options& options, const ToolArgs& args, bool sends, int wake);

}  // namespace abstractllm::cli
