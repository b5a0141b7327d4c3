// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "abstractllm/result.hpp"
#include "hub/import/json_file.hpp"
#include "hub/import/vocabulary.hpp"

namespace abstractllm {

/// Where a tokenizer puts a blank that is not in the text.
enum class BlankBefore {
  nothing,
  beginning,  ///< before what has no special token before it
  texts,      ///< also after each special token
};

/// What each kind of tokenizer reads, before added and special tokens.
struct TokenizerParts {
  TokenizerParts(Vocabulary vocabulary, std::string engine_model, std::string pre_tokenizer)
      : tokens(std::move(vocabulary)), model(std::move(engine_model)), pre(std::move(pre_tokenizer)) {}

  Vocabulary tokens;
  std::string model;                ///< `tokenizer.ggml.model`
  std::string pre;                  ///< `tokenizer.ggml.pre`
  std::vector<std::string> merges;  ///< `tokenizer.ggml.merges`
  bool has_scores = false;
  float unused_score = 0;       ///< of a row without a token
  bool adds_beginning = false;  ///< what the engine does unless the file says otherwise
  bool adds_end = false;
  bool drops_ids_without_row = false;   ///< an added token without a row is left out, and is no error
  bool marks_words = false;             ///< the tokens need mark_words()
  std::optional<std::int64_t> unknown;  ///< the token for what is not in the vocabulary
  std::optional<BlankBefore> blank;     ///< if rules tell it
  std::vector<GgufEntry> settings;      ///< entries of this kind: lowercase, add_space_prefix, …
};

/// Adds the members of an object of texts and ids, as in model.vocab. Errors: engine_failed.
Result<void> add_tokens(const std::optional<JsonElement>& vocab, Vocabulary& tokens);

/// Byte-level BPE of a tokenizer.json. Errors: unsupported, engine_failed.
Result<TokenizerParts> read_byte_level_bpe(const JsonFile& file, std::int64_t rows);

/// BPE on characters, with tokens for bytes, of a tokenizer.json that was made from SentencePiece. Errors: unsupported
/// (also if only tokenizer.model could tell how the engine has to merge), engine_failed.
Result<TokenizerParts> read_sentencepiece_bpe(const JsonFile& file, std::int64_t rows);

/// Spells WordPiece's tokens as the engine does: it marks the beginning of a word with "▁", and not the rest of it with
/// "##". Added tokens stay as they are.
void mark_words(Vocabulary& tokens);

/// Where such a tokenizer.json puts a blank. Errors: unsupported (rules that the engine does not have).
Result<BlankBefore> blank_before(const JsonFile& file);

/// WordPiece of a tokenizer.json. Errors: unsupported, engine_failed.
Result<TokenizerParts> read_wordpiece(const JsonFile& file, std::int64_t rows);

/// Unigram of a tokenizer.json. Errors: unsupported, engine_failed.
Result<TokenizerParts> read_unigram(const JsonFile& file, std::int64_t rows);

/// A tokenizer.model: a ModelProto of SentencePiece. `rules_are_known` says that a tokenizer.json has told how spaces
/// are treated. Errors: unsupported, engine_failed, not_configured.
Result<TokenizerParts> read_sentencepiece_model(const ModelFolder& folder, std::int64_t rows, bool rules_are_known);

/// vocab.json and merges.txt: byte-level BPE whose other rules are those of the class. Errors: unsupported,
/// engine_failed, not_configured.
Result<TokenizerParts> read_vocab_and_merges(const ModelFolder& folder, std::int64_t rows,
                                             std::string_view tokenizer_class);

/// vocab.txt, a token per line. `config` is tokenizer_config.json. Errors: unsupported, engine_failed, not_configured.
Result<TokenizerParts> read_vocab_txt(const ModelFolder& folder, std::int64_t rows,
                                      const std::optional<JsonFile>& config);

}  // namespace abstractllm
