// SPDX-License-Identifier: Apache-2.0
//
// Tools for a model whose chat template has no place for them. They are described in the system message, calls and
// results are text of ordinary messages, and a grammar makes the model write calls in a form that the engine parses.
// The form is that of Hermes 2 Pro and Qwen 2.5, which many small models have seen in training
// (https://huggingface.co/Qwen/Qwen2.5-0.5B-Instruct, tokenizer_config.json, chat_template; from memory, not read
// anew):
//
//     <tool_call>
//     {"name": "weather", "arguments": {"city": "Paris"}}
//     </tool_call>
#pragma once

#include <string>

#include "server-common.h"

namespace abstractllm {

inline constexpr const char* call_start = "<tool_call>";
inline constexpr const char* call_end = "</tool_call>";

/// The tools of one request, taken out of its body.
struct PromptedTools {
  json tools = json::array();  ///< in the form of Chat Completions; empty if the model must not call any
  bool required = false;
  bool parallel = true;
};

/// The list with this name, or an empty one.
const json& list_in(const json& object, const char* key);

/// The engine understands only the strings "auto", "none" and "required", and takes an object for "auto". So this
/// replaces `{"type": "function", "function": {"name": N}}` by the tool N alone, which is required. Throws
/// std::invalid_argument for a tool that is not in the list, and for another tool_choice.
void choose_named_tool(json& body);

/// Whether the model may call a tool.
bool offers_tools(const json& body);
/// Whether there is a tool, a call or a result, so that the template must have a place for it.
bool speaks_of_tools(const json& body);

/// Takes the tools out of the body and writes them, earlier calls and results into its messages. Results in a row are
/// one message of the user, together with the user's message that follows, because many templates want turns to
/// alternate. `has_system_role`: otherwise the tools are described in the user's first message. Throws
/// std::invalid_argument for a body that the engine would refuse for its tools.
PromptedTools write_tools_into_messages(json& body, bool has_system_role);

}  // namespace abstractllm
