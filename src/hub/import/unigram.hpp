// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "hub/import/tokenizer_parts.hpp"

namespace abstractllm {

/// Adds the settings of the engine's Unigram tokenizer: a blank before the text, runs of blanks as one, and the
/// characters' map (which must be checked).
void add_space_settings(TokenizerParts& parts, bool adds_prefix, bool merges_spaces, std::string_view charsmap);

}  // namespace abstractllm
