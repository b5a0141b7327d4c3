// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "abstractllm/export.hpp"
#include "abstractllm/result.hpp"
#include "abstractllm/tool.hpp"

namespace abstractllm {

/// One entry of a list of tools in JSON: a tool, and the command that runs it, if the entry has one.
class ListedTool {
 public:
  explicit ListedTool(Tool listed) : tool(std::move(listed)) {}

  Tool tool;                         ///< Tool::declared() or Tool::hosted(); the library never runs `command`
  std::vector<std::string> command;  ///< the program and its arguments; empty if the entry has no command
  std::vector<std::string> env;      ///< names of the environment variables of keys that the command may see
};

/// Reads a list of tools. It runs nothing.
///
/// An entry is `{"name", "description", "parameters": JSON Schema, "command": ["program", "argument"], "env":
/// ["NAME"]}`. Only `name` is required. Without `parameters` the tool has no arguments. OpenAI's `{"type": "function",
/// "function": {…}}` and `{"type": "function", "name", …}` are read too
/// (https://platform.openai.com/docs/guides/function-calling, 2026-11-20). An entry with another `type` is a tool of
/// the provider, and is kept unchanged. The schema keeps its spelling.
///
/// Errors: invalid_argument for text that is not a JSON list, for an entry that is malformed, for two tools of one
/// name, and for a schema that Tool::declared() does not accept. The message names the entry, counted from 0, and the
/// field.
ABSTRACTLLM_API Result<std::vector<ListedTool>> tools_from_json(std::string_view text);

}  // namespace abstractllm
