// SPDX-License-Identifier: Apache-2.0
//
// Text of a caller may spell a special token, and must not become one: such places are marked before the template
// writes the prompt, so that they can be told from the tokens that the template writes itself.
#pragma once

#include <string>
#include <vector>

#include "engines/llama_cpp/special_tokens.hpp"
#include "server-common.h"

namespace abstractllm {

/// A mark for one request, of digits, which no template changes: random, so that nobody's text holds it.
std::string new_mark();

/// Writes `mark` inside every spelling of a special token in the messages, tools and template arguments of `body`; also
/// where a spelling is spread over parts of a message, or escaped in the arguments of a tool call. Not in thinking
/// tags of an assistant's message: templates take that text apart. False: there was nothing to mark. `body` must be
/// valid, and not deeply nested.
bool mark_special_spellings(json& body, const SpecialTokens& specials, const std::string& mark);

/// Tokens of a prompt that holds such marks: what was marked is plain text, and everything else is as the tokenizer
/// has it without marks. With the tokens that the vocabulary adds at the ends.
std::vector<llama_token> tokenize_marked(const llama_vocab* vocab, const SpecialTokens& specials,
                                         const std::string& prompt, const std::string& mark);

}  // namespace abstractllm
