// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <variant>

#include "args.hpp"
#include "output.hpp"
#include "render.hpp"

namespace abstractllm::cli {

/// Runs a command with its parsed words. It reports what is wrong with them, writes the help text, or calls `run`.
/// Returns the process exit code.
template <class Args, class Run>
int run_command(std::string_view name, Format format, const Result<std::variant<Args, Help>>& parsed, Run run) {
  if (!parsed) return report_usage_error(parsed.error(), format, name);
  if (const auto* args = std::get_if<Args>(&*parsed)) return run(*args);
  Output output;
  output.write(std::get<Help>(*parsed).text);
  return finish_output(output, Format::text);
}

}  // namespace abstractllm::cli
