// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "abstractllm/result.hpp"
#include "gguf/gguf_model.hpp"

namespace abstractllm {

/// What SentencePiece and the engine write for a blank, and at the beginning of a word (U+2581).
inline constexpr std::string_view word_mark = "\xE2\x96\x81";

/// What a token is, as in `tokenizer.ggml.token_type`
/// (https://github.com/ggml-org/llama.cpp/blob/master/include/llama.h, read 2026-11).
enum class TokenType : std::int32_t { normal = 1, unknown = 2, control = 3, user_defined = 4, unused = 5, byte = 6 };

/// The tokens of a model, one for each row of the embedding matrix. A row without a token is unused.
class Vocabulary {
 public:
  Vocabulary(Vocabulary&&) noexcept = default;
  Vocabulary& operator=(Vocabulary&&) noexcept = default;

  /// The longest token. The engine visits a token's bytes recursively.
  static constexpr std::size_t longest_token = 4096;

  /// `file` names the vocabulary in errors. Errors: engine_failed (no rows, or more than 4,194,304).
  static Result<Vocabulary> with_rows(std::int64_t rows, std::string file);

  std::int64_t rows() const { return static_cast<std::int64_t>(tokens_.size()); }
  const std::string& file() const { return file_; }
  bool has(std::int64_t id) const { return id >= 0 && id < rows() && at(id).present; }
  /// The id must be one of the rows.
  const std::string& text(std::int64_t id) const { return at(id).text; }
  TokenType type(std::int64_t id) const { return at(id).type; }
  float score(std::int64_t id) const { return at(id).score; }
  void set_type(std::int64_t id, TokenType type) { at(id).type = type; }
  void set_score(std::int64_t id, float score) { at(id).score = score; }
  std::optional<std::int64_t> find(std::string_view text) const;

  /// Adds a token. Errors: engine_failed (an id that is no row or is taken, a text that is taken or too long).
  Result<void> add(std::int64_t id, std::string_view text, TokenType type, float score = 0);
  /// Puts another token into a row. Errors: engine_failed (an id that is no row, a text that is too long).
  Result<void> replace(std::int64_t id, std::string_view text, TokenType type, float score);
  /// Changes a token's text for the engine. find() does not know the new text.
  void respell(std::int64_t id, std::string text) { at(id).spelled = std::move(text); }

  /// Gives each unused row the text "[PAD<id>]" after `prefix`, with the score. Errors: engine_failed if two tokens
  /// look the same to the engine, which would end the process.
  Result<void> finish(float unused_score, std::string_view prefix);
  /// The entries of finished tokens: `tokenizer.ggml.tokens`, `scores` (if asked) and `token_type`.
  void write(std::vector<GgufEntry>& entries, bool with_scores);

 private:
  struct Token {
    std::string text;
    std::optional<std::string> spelled;  ///< the engine's text, if it differs
    TokenType type = TokenType::unused;
    float score = 0;
    bool present = false;
  };

  Vocabulary() = default;
  Result<void> check(std::int64_t id, std::string_view text) const;
  Token& at(std::int64_t id) { return tokens_[static_cast<std::size_t>(id)]; }
  const Token& at(std::int64_t id) const { return tokens_[static_cast<std::size_t>(id)]; }

  std::string file_;
  std::vector<Token> tokens_;  // never grows: ids_ refers to the texts
  std::unordered_map<std::string_view, std::int64_t> ids_;
};

}  // namespace abstractllm
