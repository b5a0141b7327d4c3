// SPDX-License-Identifier: Apache-2.0
#include "hub/import/vocabulary.hpp"

#include <unordered_set>

#include "base/utf8.hpp"
#include "hub/import/json_file.hpp"

namespace abstractllm {
namespace {

constexpr std::int64_t most_rows = 4'194'304;
}  // namespace

Result<Vocabulary> Vocabulary::with_rows(std::int64_t rows, std::string file) {
  if (rows <= 0 || rows > most_rows)
    return contradiction(file, "the embedding matrix has " + std::to_string(rows) + " rows, not 1 to 4194304");
  Vocabulary vocabulary;
  vocabulary.file_ = std::move(file);
  vocabulary.tokens_.resize(static_cast<std::size_t>(rows));
  vocabulary.ids_.reserve(static_cast<std::size_t>(rows));
  return vocabulary;
}

std::optional<std::int64_t> Vocabulary::find(std::string_view text) const {
  const auto found = ids_.find(text);
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

Result<void> Vocabulary::check(std::int64_t id, std::string_view text) const {
  if (id < 0) return contradiction(file_, "the token " + in_quotes(text) + " has the id " + std::to_string(id));
  if (id >= rows()) {
    return contradiction(file_, "the token " + in_quotes(text) + " has the id " + std::to_string(id) +
                                    ", but the embedding matrix has only " + std::to_string(rows()) + " rows");
  }
  if (text.size() > longest_token) {
    return contradiction(file_, "the token " + std::to_string(id) + " has " + std::to_string(text.size()) +
                                    " bytes; the engine reads at most " + std::to_string(longest_token));
  }
  return {};
}

Result<void> Vocabulary::add(std::int64_t id, std::string_view text, TokenType type, float score) {
  if (Result<void> fits = check(id, text); !fits) return fits;
  Token& token = at(id);
  if (token.present) {
    return contradiction(file_, "the id " + std::to_string(id) + " belongs to two tokens, " + in_quotes(token.text) +
                                    " and " + in_quotes(text));
  }
  if (const auto other = find(text)) {
    return contradiction(file_, "the token " + in_quotes(text) + " has two ids, " + std::to_string(*other) + " and " +
                                    std::to_string(id));
  }
  token.text = text;
  token.type = type;
  token.score = score;
  token.present = true;
  ids_.emplace(token.text, id);
  return {};
}

Result<void> Vocabulary::replace(std::int64_t id, std::string_view text, TokenType type, float score) {
  if (Result<void> fits = check(id, text); !fits) return fits;
  Token& token = at(id);
  if (const auto known = ids_.find(token.text); token.present && known != ids_.end() && known->second == id)
    ids_.erase(known);
  token = Token{std::string(text), std::nullopt, type, score, true};
  ids_.erase(token.text);  // its key is part of another token, which may be replaced too
  ids_.emplace(token.text, id);
  return {};
}

Result<void> Vocabulary::finish(float unused_score, std::string_view prefix) {
  std::unordered_set<std::string> texts;
  texts.reserve(tokens_.size());
  for (std::int64_t id = 0; id < rows(); ++id) {
    Token& token = at(id);
    if (!token.present) {
      token.spelled = std::string(prefix) + "[PAD" + std::to_string(id) + "]";
      token.score = unused_score;
    }
    const std::string& text = token.spelled ? *token.spelled : token.text;
    // The engine reads up to the first zero, and gives an empty token a name of its own.
    std::string read = text.substr(0, text.find('\0'));
    if (read.empty()) read = "[EMPTY_" + std::to_string(id) + "]";
    if (!texts.insert(std::move(read)).second)
      return contradiction(file_, "the engine cannot tell the token " + std::to_string(id) + " " + in_quotes(text) +
                                      " from another one");
  }
  return {};
}

void Vocabulary::write(std::vector<GgufEntry>& entries, bool with_scores) {
  std::vector<std::string> texts;
  std::vector<float> scores;
  std::vector<std::int32_t> types;
  texts.reserve(tokens_.size());
  types.reserve(tokens_.size());
  for (Token& token : tokens_) {
    types.push_back(static_cast<std::int32_t>(token.type));
    if (with_scores) scores.push_back(token.score);
    texts.push_back(token.spelled ? std::move(*token.spelled) : token.text);
  }
  entries.push_back({"tokenizer.ggml.tokens", std::move(texts)});
  if (with_scores) entries.push_back({"tokenizer.ggml.scores", std::move(scores)});
  entries.push_back({"tokenizer.ggml.token_type", std::move(types)});
}

}  // namespace abstractllm
