// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "abstractllm/result.hpp"
#include "gguf/gguf_model.hpp"
#include "hub/import/model_folder.hpp"

namespace abstractllm {

/// What a tokenizer's reader has to know about the model.
struct TokenizerContext {
  Json config;                    ///< config.json, or its text_config
  std::string_view architecture;  ///< GGUF's name: "llama", "gemma3", "bert"
  std::int64_t rows = 0;  ///< rows of the embedding matrix; a smaller vocabulary is filled up with unused tokens
};

/// Reads the vocabulary, the merges, the special tokens and the chat templates of a checkpoint, as the entries
/// `tokenizer.*` of a GGUF file. Tries in this order: tokenizer.json (byte-level BPE, WordPiece, Unigram, and BPE of
/// SentencePiece if there is no tokenizer.model, which has its scores), tokenizer.model (SentencePiece), vocab.json
/// with merges.txt, vocab.txt. Never guesses: rules that the engine does not have are an error that names them. Errors:
/// unsupported (rules), engine_failed (a file that contradicts itself, or a vocabulary larger than the matrix),
/// not_configured (no tokenizer's file, or not readable).
Result<std::vector<GgufEntry>> read_tokenizer(const ModelFolder& folder, const TokenizerContext& context);

}  // namespace abstractllm
