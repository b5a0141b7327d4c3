// SPDX-License-Identifier: Apache-2.0
#include "providers/embedding_rules.hpp"

#include <string>

#include "base/ascii.hpp"
#include "base/url.hpp"

namespace abstractllm {
namespace {

enum class EmptyTexts { takes, refuses };
enum class Base64 { no, yes };

struct RulesRow {
  std::string_view name;
  std::size_t texts;
  std::int64_t tokens;
  EmptyTexts empty;
  Base64 base64;
  std::string_view dimensions;
  std::string_view kind;
  std::string_view query;
  std::string_view document;
  std::string_view cut;
  std::string_view normalize;
  std::string_view example;
};

constexpr RulesRow rules_rows[] = {
#define ABSTRACTLLM_EMBEDDING_RULES(name, texts, tokens, empty, base64, dimensions, kind, query, document, cut, \
                                    normalize, example)                                                         \
  {name, texts, tokens, EmptyTexts::empty, Base64::base64, dimensions, kind, query, document, cut, normalize, example},
#include "providers/embedding_rules.def"
#undef ABSTRACTLLM_EMBEDDING_RULES
};

struct ModelRow {
  std::string_view name;
  EmbeddingPrefixes prefixes;
};

constexpr ModelRow model_rows[] = {
#define ABSTRACTLLM_EMBEDDING_MODEL(name, query, document) {name, {query, document}},
#include "providers/embedding_models.def"
#undef ABSTRACTLLM_EMBEDDING_MODEL
};

EmbeddingRules rules_of_row(const RulesRow& row) {
  EmbeddingRules rules;
  rules.most_texts = row.texts;
  rules.most_tokens = row.tokens;
  rules.takes_empty = row.empty == EmptyTexts::takes;
  rules.takes_base64 = row.base64 == Base64::yes;
  rules.dimensions_field = row.dimensions;
  rules.kind_field = row.kind;
  rules.query_word = row.query;
  rules.document_word = row.document;
  rules.cut_field = row.cut;
  rules.normalize_field = row.normalize;
  rules.example_model = row.example;
  return rules;
}

std::optional<EmbeddingRules> find_rules(std::string_view name) {
  for (const RulesRow& row : rules_rows)
    if (row.name == name) return rules_of_row(row);
  return std::nullopt;
}

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/// Whether `part` occurs in `name` where a word begins.
bool has_word(std::string_view name, std::string_view part) {
  for (std::size_t at = name.find(part); at != std::string_view::npos; at = name.find(part, at + 1))
    if (at == 0 || !is_letter_or_digit(name[at - 1])) return true;
  return false;
}

}  // namespace

void apply_embedding_rules(Provider& provider) {
  if (auto rules = find_rules(provider.name)) provider.embedding_rules = *std::move(rules);
}

EmbeddingRules embedding_rules_of(const Provider& provider, const Options& options) {
  if (options.base_url())
    if (auto rules = find_rules(host_of(*options.base_url()))) return *std::move(rules);
  return provider.embedding_rules;
}

std::optional<EmbeddingPrefixes> embedding_prefixes(std::string_view model) {
  constexpr std::size_t longest_name = 4096;
  const std::string name = lowered(model.substr(model.rfind('/') + 1).substr(0, longest_name));
  const ModelRow* closest = nullptr;
  for (const ModelRow& row : model_rows)
    if (has_word(name, row.name) && (closest == nullptr || row.name.size() > closest->name.size())) closest = &row;
  if (closest == nullptr) return std::nullopt;
  return closest->prefixes;
}

}  // namespace abstractllm
