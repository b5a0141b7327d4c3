// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hub/import/bpe_merges.hpp"

namespace abstractllm {

/// The engine's SentencePiece tokenizer has no merges. It joins any two neighbours whose text is a token, the token
/// with the highest score first, then from the left. This computes scores that lead to the same tokens as the merges
/// for every text, one for each row, or returns nullopt if there are none.
///
/// Why they are the same: if two neighbours are about to become a token, nothing has joined the token's text with what
/// is around it. So that text has been merged as it is alone, and it is alone merged by one merge at last. Any other
/// merge to this token never happens, whatever its rank, and the token's score is the rank of the one that does. If the
/// text ends as two symbols instead, which are no merge, the engine would join them, and there are no scores.
std::optional<std::vector<float>> scores_of_merges(const Vocabulary& tokens, const std::vector<Merge>& merges);

}  // namespace abstractllm
