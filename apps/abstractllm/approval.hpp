// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "abstractllm/tool.hpp"

namespace abstractllm::cli {

/// The commands of tools: the name of the tool, then the program and its arguments.
using ToolCommands = std::map<std::string, std::vector<std::string>>;

/// Asks the person at the terminal of this process before a command runs, also if the standard streams are files.
class TerminalApproval {
 public:
  /// `wake` is a descriptor that ends a question when it becomes readable (Interrupt::descriptor()), or -1.
  TerminalApproval(ToolCommands commands, int wake);

  /// Whether this process has a terminal.
  static bool is_possible();

  /// Shows the command and the arguments of the call in full, and waits for a key: y allows it, a allows all calls of
  /// this tool, everything else that answers (n, Enter, Escape, the end of the input, a stop) denies it. A tool without
  /// a command is allowed.
  Approval decide(const ToolCall& call, const ToolContext& context);

 private:
  ToolCommands commands_;
  int wake_;
  std::mutex mutex_;  // one question at a time
  std::set<std::string> allowed_;
};

}  // namespace abstractllm::cli
