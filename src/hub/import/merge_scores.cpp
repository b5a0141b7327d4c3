// SPDX-License-Identifier: Apache-2.0
#include "hub/import/merge_scores.hpp"

#include <algorithm>

namespace abstractllm {
namespace {

/// SentencePiece makes tokens of at most 16 characters; tests of longer ones would take quadratic time.
constexpr std::size_t longest_token = 128;

class Proof {
 public:
  Proof(const Vocabulary& tokens, const std::vector<Merge>& merges)
      : tokens_(tokens), merges_(merges), table_(merges), order_(static_cast<std::size_t>(tokens.rows()), -1) {}

  bool order_is_that_of_tokens() {
    std::int32_t last = -1;
    for (const Merge& merge : merges_) {
      if (merge.result == last) continue;
      if (order(merge.result) >= 0) return false;
      order(merge.result) = groups_++;
      last = merge.result;
    }
    return std::all_of(merges_.begin(), merges_.end(), [&](const Merge& merge) {
      return order(merge.left) < order(merge.result) && order(merge.right) < order(merge.result);
    });
  }

  bool token_is_safe(std::int64_t id) const {
    const std::string& text = tokens_.text(id);
    const std::vector<std::string_view> characters = characters_of(text);
    if (characters.size() < 2) return true;
    if (text.size() > longest_token) return false;
    for (std::size_t at = characters[0].size(), number = 1; at < text.size(); at += characters[number++].size()) {
      if (!split_is_merge(text, at, number == 1, number + 1 == characters.size())) return false;
      if (!overlap_is_safe(text, at)) return false;
    }
    return true;
  }

  std::vector<float> scores() const {
    std::vector<float> scores;
    scores.reserve(order_.size());
    for (const std::int32_t order : order_) scores.push_back(order < 0 ? 0.0F : -static_cast<float>(order + 1));
    return scores;
  }

 private:
  std::int32_t& order(std::int32_t id) { return order_[static_cast<std::size_t>(id)]; }

  std::optional<std::int32_t> rank(std::string_view left, std::string_view right) const {
    const auto left_id = tokens_.find(left);
    const auto right_id = tokens_.find(right);
    if (!left_id || !right_id) return std::nullopt;
    return table_.rank(static_cast<std::int32_t>(*left_id), static_cast<std::int32_t>(*right_id));
  }

  bool split_is_merge(std::string_view text, std::size_t at, bool left_is_character, bool right_is_character) const {
    const std::string_view left = text.substr(0, at);
    const std::string_view right = text.substr(at);
    const bool can_meet = (left_is_character || tokens_.find(left)) && (right_is_character || tokens_.find(right));
    return !can_meet || rank(left, right);
  }

  /// "abab" from "ab" + "ab" in "ababab": the left one, or the one that comes first in the list?
  bool overlap_is_safe(std::string_view text, std::size_t at) const {
    const std::string_view middle = text.substr(at);
    if (text.substr(0, middle.size()) != middle) return true;
    const std::string_view end = text.substr(middle.size());
    const auto left = rank(text.substr(0, at), middle);
    const auto right = rank(middle, end);
    if (!left || !right || *left <= *right) return true;
    const std::int32_t result = merges_[static_cast<std::size_t>(*left)].result;
    std::int32_t first = *right;
    while (first > 0 && merges_[static_cast<std::size_t>(first) - 1].result == result) --first;
    const std::string whole = std::string(text) + std::string(end);
    std::vector<std::int32_t> symbols;
    for (const std::string_view character : characters_of(whole))
      symbols.push_back(static_cast<std::int32_t>(tokens_.find(character).value_or(-1)));
    // While nothing crosses its borders, a part of a text merges as it does alone.
    return table_.apply(symbols, first) != std::vector<std::int32_t>{merges_[static_cast<std::size_t>(*left)].left,
                                                                     merges_[static_cast<std::size_t>(*left)].right,
                                                                     merges_[static_cast<std::size_t>(*right)].right};
  }

  const Vocabulary& tokens_;
  const std::vector<Merge>& merges_;
  MergeTable table_;
  std::vector<std::int32_t> order_;  // of a token: the number of its group of merges, or -1
  std::int32_t groups_ = 0;
};

}  // namespace

std::optional<std::vector<float>> scores_of_merges(const Vocabulary& tokens, const std::vector<Merge>& merges) {
  Proof proof(tokens, merges);
  if (!proof.order_is_that_of_tokens()) return std::nullopt;
  for (std::int64_t id = 0; id < tokens.rows(); ++id) {
    if (tokens.has(id) && !proof.token_is_safe(id)) return std::nullopt;
  }
  return proof.scores();
}

}  // namespace abstractllm
