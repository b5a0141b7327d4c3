// SPDX-License-Identifier: Apache-2.0
//
// Text of a caller may spell a special token and must not become one. Such places are marked before the template writes
// the prompt. The marks distinguish them from the tokens that the template writes itself.
#pragma once

#include <string>
#include <vector>

#include "engines/llama_cpp/special_tokens.hpp"
#include "server-common.h"

namespace abstractllm {

/// A mark for one request. It consists of digits, which no template changes, and is random, so that no caller's text
/// contains it.
std::string new_mark();

/// Writes `mark` inside every spelling of a special token in the messages, tools and template arguments of `body`. This
/// includes spellings across several parts of a message, and escaped ones in the arguments of a tool call. Thinking
/// tags in an assistant's message are left out, because templates parse that text. Returns false if there was nothing
/// to mark. `body` must be valid and not deeply nested.
bool mark_special_spellings(json& body, const SpecialTokens& specials, const std::string& mark);

/// The same for a text that a template will contain.
bool mark_special_spellings(std::string& text, const SpecialTokens& specials, const std::string& mark);

/// The tokens of a prompt with such marks. Marked text is plain text, and all other text has the same tokens as without
/// marks. `with_ends`: with the tokens that the vocabulary adds at the ends.
std::vector<llama_token> tokenize_marked(const llama_vocab* vocab, const SpecialTokens& specials,
                                         const std::string& prompt, const std::string& mark, bool with_ends = true);

}  // namespace abstractllm
