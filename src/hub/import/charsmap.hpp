// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "abstractllm/result.hpp"

namespace abstractllm {

/// Checks the characters' map of SentencePiece (precompiled_charsmap): the length of a trie (32 bits, little endian),
/// the trie, and texts that end with a zero. The engine follows the trie without an answer to a broken one, so every
/// node and text that any input can reach must exist. Takes time linear in the size. Errors: engine_failed.
///
/// Format: https://github.com/google/sentencepiece/blob/master/src/normalizer.cc and
/// https://github.com/s-yata/darts-clone (read 2026-11).
Result<void> check_charsmap(std::string_view bytes, std::string_view file);

}  // namespace abstractllm
