// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engines/llama_cpp/prompted_tools.hpp"
#include "llama.h"

namespace abstractllm {

/// Adds to the parameters of a task what finds calls in the form of prompted_tools.hpp: a grammar with the schema of
/// every tool, and the parser of the answer. If a call is required, the grammar is strict, otherwise the first
/// `<tool_call>` triggers it. Reasoning in the template's own form may come first. Changes nothing if there are no
/// tools, or if there is already a grammar for the answer's schema. Throws std::exception for a schema without a
/// grammar.
void add_call_parser(json& data, const PromptedTools& offered, const server_chat_params& chat,
                     const llama_vocab* vocab);

}  // namespace abstractllm
