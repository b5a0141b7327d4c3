// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "abstractllm/result.hpp"
#include "tools.hpp"

namespace abstractllm::cli {

/// The flags about tools.
struct ToolFlags {
  /// Adds the flags. `approvals` says in the help text which values --approve has.
  ToolFlags(CLI::App& app, const std::string& approvals);

  /// Errors: invalid_argument.
  Result<ToolArgs> read() const;

  /// Does the same for a batch, of which many calls run at once, so that nobody can be asked. Errors: invalid_argument,
  /// also for --approve ask.
  Result<ToolArgs> read_for_batch() const;

  CLI::Option *file, *approve;
};

}  // namespace abstractllm::cli
