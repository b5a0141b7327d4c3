// SPDX-License-Identifier: Apache-2.0
#include "tool_flags.hpp"

#include "flags.hpp"

namespace abstractllm::cli {

ToolFlags::ToolFlags(CLI::App& app, const std::string& approvals)
    : file(add_value(
          app, "--tools",
          R"(Tools for the model: a JSON list of {"name", "description", "parameters": JSON Schema, "command": )"
          R"(["program", "argument"]}. A command gets the arguments as JSON on standard input)",
          "FILE")),
      approve(add_value(app, "--approve", "Whether a tool's command runs: " + approvals, "WHO")) {}

Result<ToolArgs> ToolFlags::read() const {
  ToolArgs args;
  args.file = last_value(file);
  const auto who = last_value(approve);
  if (!who) return args;
  if (*who == "ask") args.approve = Approve::ask;
  else if (*who == "all") args.approve = Approve::all;
  else if (*who == "none") args.approve = Approve::none;
  else return Error(ErrorKind::invalid_argument, "--approve is '" + *who + "'; it must be ask, all or none");
  return args;
}

Result<ToolArgs> ToolFlags::read_for_batch() const {
  Result<ToolArgs> args = read();
  if (!args) return args;
  args->may_ask = false;
  if (args->approve != Approve::ask) return args;
  return Error(ErrorKind::invalid_argument,
               "--approve is 'ask', but a batch cannot ask before a command runs; use --approve all to run every "
               "call, or --approve none to deny every call");
}

}  // namespace abstractllm::cli
