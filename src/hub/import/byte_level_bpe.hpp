// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "hub/import/bpe_merges.hpp"
#include "hub/import/tokenizer_parts.hpp"

namespace abstractllm {

/// Whether the merges of each token's characters lead to the token. Then it makes no difference whether whole words are
/// looked up first (ignore_merges). Errors: unsupported, with a token.
Result<void> check_whole_words(const Vocabulary& tokens, const std::vector<Merge>& merges);

}  // namespace abstractllm
