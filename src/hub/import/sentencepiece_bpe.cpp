// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "base/utf8.hpp"
#include "hub/import/merge_scores.hpp"
#include "hub/import/pre_tokenizer.hpp"
#include "hub/import/sentencepiece_rules.hpp"
#include "hub/import/tokenizer_parts.hpp"

namespace abstractllm {
namespace {

/// What becomes of spaces before BPE.
struct BpeSpaceRules {
  std::string_view normalizer;
  std::string_view pre_tokenizer;
  BlankBefore blank;
  bool splits_words;
};

constexpr std::array bpe_space_rules = {
    BpeSpaceRules{"Prepend(▁) Replace( ,▁)", "", BlankBefore::texts, false},  // Llama 2
    BpeSpaceRules{"Replace( ,▁)", "", BlankBefore::nothing, false},
    BpeSpaceRules{"Replace( ,▁)", "Split( ; MergedWithPrevious)", BlankBefore::nothing,
                  false},                                                  // Gemma 3; no blank is left to split at
    BpeSpaceRules{"", "Metaspace(first)", BlankBefore::beginning, false},  // Mistral 7B v0.3
    BpeSpaceRules{"", "Metaspace(always)", BlankBefore::texts, false},
    BpeSpaceRules{"", "Metaspace(never)", BlankBefore::nothing, false},
    BpeSpaceRules{"", "Metaspace(first, split)", BlankBefore::beginning, true},
    BpeSpaceRules{"", "Metaspace(always, split)", BlankBefore::texts, true},
    BpeSpaceRules{"", "Metaspace(never, split)", BlankBefore::nothing, true},
};

Result<BpeSpaceRules> find_bpe_space_rules(const JsonFile& file) {
  const std::string normalizer = describe_normalizer(file.member("normalizer"));
  const std::string pre_tokenizer = describe_sentencepiece_rules(file.member("pre_tokenizer"));
  for (const BpeSpaceRules& rules : bpe_space_rules) {
    if (rules.normalizer == normalizer && rules.pre_tokenizer == pre_tokenizer) return rules;
  }
  return unsupported_rule(file.name(), "the engine has no BPE with the normalizer " + in_quotes(normalizer) +
                                           " and the pre-tokenizer " + in_quotes(pre_tokenizer));
}

bool merges_cross(const std::vector<Merge>& merges, const Vocabulary& tokens) {
  return std::any_of(merges.begin(), merges.end(),
                     [&](const Merge& merge) { return tokens.text(merge.right).find(word_mark) != std::string::npos; });
}

/// The engine splits at line ends, and a token with a line end and something else would be lost.
bool merges_join_lines(const std::vector<Merge>& merges, const Vocabulary& tokens) {
  return std::any_of(merges.begin(), merges.end(), [&](const Merge& merge) {
    const std::string& text = tokens.text(merge.result);
    return text.find('\n') != text.npos && text.find_first_not_of('\n') != text.npos;
  });
}

Result<TokenizerParts> with_scores(Vocabulary tokens, const std::vector<Merge>& merges) {
  const auto scores = scores_of_merges(tokens, merges);
  if (!scores) {
    return unsupported_rule(tokens.file(),
                            "its merges have no scores that lead to the same tokens. "
                            "Add the model's tokenizer.model to the folder");
  }
  for (std::int64_t id = 0; id < tokens.rows(); ++id) tokens.set_score(id, (*scores)[static_cast<std::size_t>(id)]);
  TokenizerParts parts(std::move(tokens), "llama", "default");
  parts.has_scores = true;
  parts.unused_score = -10000;
  parts.adds_beginning = true;
  return parts;
}

Result<TokenizerParts> with_merges(Vocabulary tokens, const std::vector<Merge>& merges) {
  if (merges_join_lines(merges, tokens))
    return unsupported_rule(tokens.file(), "its BPE has tokens of a line end and other characters");
  std::vector<std::string> spelled = spell_merges(merges, tokens);
  // This name has no rules but those above: merges on characters, "▁" for a blank, tokens for bytes.
  TokenizerParts parts(std::move(tokens), "gpt2", "sarvam-moe");
  parts.merges = std::move(spelled);
  return parts;
}

}  // namespace

Result<BlankBefore> blank_before(const JsonFile& file) {
  return find_bpe_space_rules(file).transform([](const BpeSpaceRules& rules) { return rules.blank; });
}

Result<TokenizerParts> read_sentencepiece_bpe(const JsonFile& file, std::int64_t rows) {
  const JsonElement model = *file.member("model");
  const Result<BpeSpaceRules> rules = find_bpe_space_rules(file);
  if (!rules) return rules.error();
  if (flag_of(member(model, "ignore_merges")).value_or(false))
    return unsupported_rule(file.name(), "its BPE on characters looks up whole words (ignore_merges)");
  Result<Vocabulary> tokens = Vocabulary::with_rows(rows, file.name());
  if (!tokens) return tokens.error();
  if (Result<void> added = add_tokens(member(model, "vocab"), *tokens); !added) return added.error();
  if (Result<void> bytes = mark_byte_tokens(*tokens); !bytes) return bytes.error();
  const auto unknown = tokens->find(text_of(member(model, "unk_token")));
  if (unknown) tokens->set_type(*unknown, TokenType::unknown);
  const Result<std::vector<Merge>> merges = read_merges(member(model, "merges"), *tokens);
  if (!merges) return merges.error();
  if (rules->splits_words && merges_cross(*merges, *tokens))
    return unsupported_rule(file.name(), "its merges cross the borders of words, at which it splits");
  Result<TokenizerParts> parts = rules->blank == BlankBefore::nothing ? with_merges(std::move(*tokens), *merges)
                                                                      : with_scores(std::move(*tokens), *merges);
  if (!parts) return parts;
  parts->blank = rules->blank;
  parts->unknown = unknown;
  parts->drops_ids_without_row = true;
  return parts;
}

}  // namespace abstractllm
