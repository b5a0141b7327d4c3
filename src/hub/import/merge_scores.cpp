// SPDX-License-Identifier: Apache-2.0
#include "hub/import/merge_scores.hpp"

#include <algorithm>

namespace abstractllm {
namespace {

/// The engine joins texts, and does not know what `tokenizers` takes for a character without a token.
bool joins_characters_only(const Vocabulary& tokens, const std::vector<Merge>& merges) {
  return std::all_of(merges.begin(), merges.end(), [&](const Merge& merge) {
    return tokens.type(merge.left) == TokenType::normal && tokens.type(merge.right) == TokenType::normal;
  });
}

std::vector<std::int32_t> symbols_of(std::string_view text, const Vocabulary& tokens) {
  std::vector<std::int32_t> symbols;
  for (const std::string_view character : characters_of(text))
    symbols.push_back(static_cast<std::int32_t>(tokens.find(character).value_or(-1)));
  return symbols;
}

/// A token, and the rank of the only merge that ever makes it. If none does, its first merge tells its place.
struct Made {
  std::int32_t rank;
  std::int64_t token;
};

std::optional<std::vector<Made>> find_made(const Vocabulary& tokens, const std::vector<Merge>& merges) {
  const MergeTable table(merges);
  std::vector<std::int32_t> first_ranks(static_cast<std::size_t>(tokens.rows()), -1);
  for (std::size_t rank = merges.size(); rank-- > 0;)
    first_ranks[static_cast<std::size_t>(merges[rank].result)] = static_cast<std::int32_t>(rank);
  std::vector<Made> made;
  for (std::int64_t id = 0; id < tokens.rows(); ++id) {
    if (!tokens.has(id)) continue;
    const std::vector<std::int32_t> symbols = symbols_of(tokens.text(id), tokens);
    const MergeTable::Joined joined = table.apply(symbols);
    const std::int32_t first_rank = first_ranks[static_cast<std::size_t>(id)];
    if (symbols.size() > 1 && joined.symbols.size() == 2) return std::nullopt;
    if (first_rank >= 0) made.push_back({joined.symbols.size() == 1 ? joined.last_rank : first_rank, id});
  }
  std::sort(made.begin(), made.end(), [](const Made& a, const Made& b) { return a.rank < b.rank; });
  return made;
}

}  // namespace

std::optional<std::vector<float>> scores_of_merges(const Vocabulary& tokens, const std::vector<Merge>& merges) {
  if (!joins_characters_only(tokens, merges)) return std::nullopt;
  const auto made = find_made(tokens, merges);
  if (!made) return std::nullopt;
  std::vector<float> scores(static_cast<std::size_t>(tokens.rows()));
  float score = 0;
  for (const Made& each : *made) scores[static_cast<std::size_t>(each.token)] = --score;
  return scores;
}

}  // namespace abstractllm
