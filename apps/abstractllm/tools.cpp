// SPDX-License-Identifier: Apache-2.0
#include "tools.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

#include "abstractllm/tool.hpp"
#include "abstractllm/tool_list.hpp"
#include "approval.hpp"
#include "input.hpp"
#include "tool_program.hpp"

namespace abstractllm::cli {
namespace {

/// Returns how much of a command's output the library may want. A longer output is cut there, too.
Result<std::size_t> most_result_bytes(Options options) {
  constexpr std::size_t default_bytes = std::size_t{1} << 20;
  const char* variable = std::getenv("ABSTRACTLLM_MAX_TOOL_RESULT_BYTES");  // NOLINT(concurrency-mt-unsafe)
  if (!options.max_tool_result_bytes() && variable != nullptr && *variable != '\0')
    if (auto set = options.set("max_tool_result_bytes", variable); !set) return std::move(set).error();
  const auto most = options.max_tool_result_bytes();
  return most && *most > 0 ? static_cast<std::size_t>(*most) : default_bytes;
}

Tool runnable(const ListedTool& listed, std::size_t most_output_bytes) {
  if (listed.command.empty()) return listed.tool;
  const auto program =
      std::make_shared<const ToolProgram>(listed.command, environment_without_keys(listed.env), most_output_bytes);
  return Tool::raw(listed.tool.name(), listed.tool.description(), listed.tool.schema_json(),
                   [program](const std::string& arguments_json, ToolContext& context) {
                     return program->run(arguments_json, context.stop_token());
                   });
}

/// `first` is the first tool with a command, or null. Errors: invalid_argument if nobody can allow the commands.
Result<Approve> chosen_approval(const ToolArgs& args, const ListedTool* first) {
  const Approve chosen = args.approve.value_or(Approve::ask);
  if (chosen != Approve::ask || first == nullptr || (args.may_ask && TerminalApproval::is_possible())) return chosen;
  return Error(ErrorKind::invalid_argument,
               "tools file '" + *args.file + "' has a command for tool '" + first->tool.name() + "', and " +
                   (args.may_ask ? "there is no terminal to ask" : "a batch cannot ask") +
                   " before it runs; add --approve all to run every call, or --approve none to deny every call");
}

void set_approval(Options& options, Approve approve, ToolCommands commands, int wake) {
  if (approve == Approve::all || commands.empty()) return;
  if (approve == Approve::none) {
    options.approve_tool([](const ToolCall&, ToolContext&) {
      return Approval::deny_and_end("no tool is allowed to run (--approve none)");
    });
    return;
  }
  options.approve_tool([asker = std::make_shared<TerminalApproval>(std::move(commands), wake)](
                           const ToolCall& call, const ToolContext& context) { return asker->decide(call, context); });
}

}  // namespace

Result<Options> with_tools(const Options& options, const ToolArgs& args, bool sends, int wake) {
  if (!args.file) return options;
  const Result<std::vector<ListedTool>> listed = read_tools_file(*args.file, wake);
  if (!listed) return listed.error();
  const Result<std::size_t> most_bytes = most_result_bytes(options);
  if (!most_bytes) return most_bytes.error();
  std::vector<Tool> tools;
  tools.reserve(listed->size());
  ToolCommands commands;
  for (const ListedTool& each : *listed) {
    tools.push_back(runnable(each, *most_bytes));
    if (!each.command.empty()) commands.emplace(each.tool.name(), each.command);
  }
  Options completed = options;
  completed.tools(std::move(tools));
  if (!sends) return completed;
  const auto first =
      std::find_if(listed->begin(), listed->end(), [](const ListedTool& each) { return !each.command.empty(); });
  const Result<Approve> approve = chosen_approval(args, first == listed->end() ? nullptr : &*first);
  if (!approve) return approve.error();
  // A parent may have ignored it. Then the system would not tell how a command ended.
  if (!commands.empty()) std::signal(SIGCHLD, SIG_DFL);
  set_approval(completed, *approve, std::move(commands), wake);
  return completed;
}

}  // namespace abstractllm::cli
