// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>

#include "base/base64.hpp"
#include "base/utf8.hpp"
#include "hub/import/charsmap.hpp"
#include "hub/import/sentencepiece_rules.hpp"
#include "hub/import/tokenizer_parts.hpp"
#include "hub/import/unigram.hpp"

namespace abstractllm {
namespace {

struct UnigramSpaceRules {
  std::string_view normalizer;  ///< without Precompiled, which may come first
  std::string_view pre_tokenizer;
  bool adds_prefix;
  bool merges_spaces;
  bool splits_words;
};

constexpr std::array unigram_space_rules = {
    UnigramSpaceRules{"", "WhitespaceSplit Metaspace(always, split)", true, true, true},  // XLM-RoBERTa, older files
    UnigramSpaceRules{"", "WhitespaceSplit Metaspace(always)", true, true, true},
    UnigramSpaceRules{"Replace(/ {2,}/, )", "Metaspace(always, split)", true, true, true},  // XLM-RoBERTa, newer files
    UnigramSpaceRules{"Replace(/ {2,}/, )", "Metaspace(always)", true, true, false},
    UnigramSpaceRules{"Strip Replace(/ {2,}/,▁)", "Metaspace(always, split)", true, true, true},
    UnigramSpaceRules{"", "Metaspace(always, split)", true, false, true},
    UnigramSpaceRules{"", "Metaspace(always)", true, false, false},
    UnigramSpaceRules{"", "Metaspace(never, split)", false, false, true},
    UnigramSpaceRules{"", "Metaspace(never)", false, false, false},
};

Result<UnigramSpaceRules> find_unigram_space_rules(const JsonFile& file) {
  std::string normalizer = describe_normalizer(file.member("normalizer"));
  const std::string pre_tokenizer = describe_sentencepiece_rules(file.member("pre_tokenizer"));
  constexpr std::string_view precompiled = "Precompiled";
  std::string_view rest = normalizer;
  if (rest.substr(0, precompiled.size()) == precompiled) rest.remove_prefix(precompiled.size());
  if (!rest.empty() && rest[0] == ' ') rest.remove_prefix(1);
  for (const UnigramSpaceRules& rules : unigram_space_rules) {
    if (rules.normalizer == rest && rules.pre_tokenizer == pre_tokenizer) return rules;
  }
  return unsupported_rule(file.name(), "the engine has no Unigram with the normalizer " + in_quotes(normalizer) +
                                           " and the pre-tokenizer " + in_quotes(pre_tokenizer));
}

/// The first characters' map of a normalizer, or "".
std::string_view find_charsmap(JsonElement normalizer) {
  std::string_view found = text_of(member(normalizer, "precompiled_charsmap"));
  for_each(member(normalizer, "normalizers"), [&](JsonElement part) {
    if (found.empty()) found = find_charsmap(part);
  });
  return found;
}

Result<void> add_pieces(const std::optional<JsonElement>& vocab, Vocabulary& tokens) {
  simdjson::dom::array pieces;
  if (!vocab || vocab->get(pieces) != simdjson::SUCCESS) return contradiction(tokens.file(), "model.vocab is no list");
  std::int64_t id = 0;
  for (const JsonElement piece : pieces) {
    simdjson::dom::array pair;
    std::string_view text;
    double score = 0;
    if (piece.get(pair) != simdjson::SUCCESS || pair.size() != 2 || pair.at(0).get(text) != simdjson::SUCCESS ||
        pair.at(1).get(score) != simdjson::SUCCESS || !std::isfinite(static_cast<float>(score)))
      return contradiction(tokens.file(),
                           "token " + std::to_string(id) + " of model.vocab is no pair of text and score");
    if (Result<void> added = tokens.add(id++, text, TokenType::normal, static_cast<float>(score)); !added) return added;
  }
  return {};
}

bool tokens_cross(const Vocabulary& tokens) {
  for (std::int64_t id = 0; id < tokens.rows(); ++id) {
    if (tokens.has(id) && tokens.text(id).rfind(word_mark) != std::string::npos && tokens.text(id).rfind(word_mark) > 0)
      return true;
  }
  return false;
}

}  // namespace

void add_space_settings(TokenizerParts& parts, bool adds_prefix, bool merges_spaces, std::string_view charsmap) {
  parts.settings.push_back({"tokenizer.ggml.add_space_prefix", adds_prefix});
  parts.settings.push_back({"tokenizer.ggml.remove_extra_whitespaces", merges_spaces});
  if (charsmap.empty()) return;
  parts.settings.push_back(
      {"tokenizer.ggml.precompiled_charsmap", std::vector<std::uint8_t>(charsmap.begin(), charsmap.end())});
}

Result<TokenizerParts> read_unigram(const JsonFile& file, std::int64_t rows) {
  const JsonElement model = *file.member("model");
  const auto [vocab, unk, bytes] = members(model, std::array<std::string_view, 3>{"vocab", "unk_id", "byte_fallback"});
  const Result<UnigramSpaceRules> rules = find_unigram_space_rules(file);
  if (!rules) return rules.error();
  if (flag_of(bytes).value_or(false))
    return unsupported_rule(file.name(), "the engine has no Unigram with byte_fallback");
  Result<Vocabulary> tokens = Vocabulary::with_rows(rows, file.name());
  if (!tokens) return tokens.error();
  if (Result<void> added = add_pieces(vocab, *tokens); !added) return added.error();
  const auto unknown = integer_of(unk);
  if (!unknown || !tokens->has(*unknown)) return contradiction(file.name(), "model.unk_id is no token");
  if (rules->splits_words && tokens_cross(*tokens))
    return unsupported_rule(file.name(), "its tokens cross the borders of words, at which it splits");
  tokens->set_type(*unknown, TokenType::unknown);
  const auto normalizer = file.member("normalizer");
  const auto charsmap = from_base64(normalizer ? find_charsmap(*normalizer) : "");
  if (!charsmap) return contradiction(file.name(), "its precompiled_charsmap is not base64");
  if (!charsmap->empty()) {
    if (Result<void> sound = check_charsmap(*charsmap, file.name()); !sound) return sound.error();
  }
  TokenizerParts parts(std::move(*tokens), "t5", "default");
  parts.has_scores = true;
  parts.unused_score = -10000;
  parts.adds_end = true;
  parts.unknown = unknown;
  add_space_settings(parts, rules->adds_prefix, rules->merges_spaces, *charsmap);
  return parts;
}

}  // namespace abstractllm
