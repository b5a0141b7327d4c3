// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hub/import/bpe_merges.hpp"

namespace abstractllm {

/// The engine's SentencePiece tokenizer has no merges. It joins any two neighbours whose text is a token, the token
/// with the highest score first, then from the left. This computes scores that lead to the same tokens as the merges,
/// one for each row, or returns nullopt if there are none. They are proven to be the same:
///
/// * every pair of tokens or characters whose text is a token is a merge (so both join the same pairs);
/// * the merges that lead to one token are neighbours in the list, and those of its parts come before (so both join the
///   tokens in the same order);
/// * where two merges to one token overlap, the left one comes first in the list, or the situation never arises.
std::optional<std::vector<float>> scores_of_merges(const Vocabulary& tokens, const std::vector<Merge>& merges);

}  // namespace abstractllm
