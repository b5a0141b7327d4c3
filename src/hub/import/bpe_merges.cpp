// SPDX-License-Identifier: Apache-2.0
#include "hub/import/bpe_merges.hpp"

#include <algorithm>
#include <queue>
#include <tuple>

#include "base/utf8.hpp"

namespace abstractllm {
namespace {

std::uint64_t pair_of(std::int32_t left, std::int32_t right) {
  return static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32 | static_cast<std::uint32_t>(right);
}

struct Candidate {
  std::int32_t rank;
  std::int32_t left;   ///< position of the left symbol
  std::int32_t right;  ///< position of the right symbol
  bool operator>(const Candidate& other) const { return std::tie(rank, left) > std::tie(other.rank, other.left); }
};

/// The symbols of one text, linked, while they merge.
class Merging {
 public:
  Merging(const MergeTable& table, const std::vector<Merge>& merges, std::vector<std::int32_t> symbols)
      : table_(table), merges_(merges), symbols_(std::move(symbols)) {
    const auto count = static_cast<std::int32_t>(symbols_.size());
    for (std::int32_t at = 0; at < count; ++at) {
      before_.push_back(at - 1);
      after_.push_back(at + 1 < count ? at + 1 : -1);
    }
    for (std::int32_t at = 0; at + 1 < count; ++at) consider(at, at + 1);
  }

  MergeTable::Joined run() {
    while (!queue_.empty()) {
      const Candidate next = queue_.top();
      queue_.pop();
      if (is_current(next)) merge(next);
    }
    std::vector<std::int32_t> left;
    for (std::int32_t at = symbols_.empty() ? -1 : 0; at >= 0; at = after_[index(at)])
      left.push_back(symbols_[index(at)]);
    return {std::move(left), last_rank_};
  }

 private:
  static std::size_t index(std::int32_t at) { return static_cast<std::size_t>(at); }

  void consider(std::int32_t left, std::int32_t right) {
    if (left < 0 || right < 0) return;
    const auto rank = table_.rank(symbols_[index(left)], symbols_[index(right)]);
    if (rank) queue_.push({*rank, left, right});
  }

  bool is_current(const Candidate& candidate) const {
    const Merge& merge = merges_[index(candidate.rank)];
    return symbols_[index(candidate.left)] == merge.left && symbols_[index(candidate.right)] == merge.right &&
           after_[index(candidate.left)] == candidate.right;
  }

  void merge(const Candidate& candidate) {
    symbols_[index(candidate.left)] = merges_[index(candidate.rank)].result;
    symbols_[index(candidate.right)] = -1;
    last_rank_ = candidate.rank;
    const std::int32_t next = after_[index(candidate.right)];
    after_[index(candidate.left)] = next;
    if (next >= 0) before_[index(next)] = candidate.left;
    consider(before_[index(candidate.left)], candidate.left);
    consider(candidate.left, next);
  }

  const MergeTable& table_;
  const std::vector<Merge>& merges_;
  std::vector<std::int32_t> symbols_;
  std::vector<std::int32_t> before_;
  std::vector<std::int32_t> after_;
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue_;
  std::int32_t last_rank_ = -1;
};

Result<Merge> merge_of(JsonElement item, const Vocabulary& tokens, std::size_t number) {
  std::string_view left;
  std::string_view right;
  simdjson::dom::array parts;
  if (const std::string_view text = text_of(item); !text.empty()) {
    const std::size_t blank = text.find(' ');
    if (blank != text.npos && text.find(' ', blank + 1) == text.npos) {
      left = text.substr(0, blank);
      right = text.substr(blank + 1);
    }
  } else if (item.get(parts) == simdjson::SUCCESS && parts.size() == 2) {
    left = text_of(*parts.begin());
    right = text_of(parts.at(1).value());
  }
  if (left.empty() || right.empty())
    return contradiction(tokens.file(), "merge " + std::to_string(number) + " is not a pair of tokens");
  return make_merge(left, right, tokens);
}

}  // namespace

MergeTable::MergeTable(const std::vector<Merge>& merges) : merges_(merges) {
  entries_.reserve(merges.size());
  for (const Merge& merge : merges)
    entries_.push_back({pair_of(merge.left, merge.right), static_cast<std::int32_t>(entries_.size())});
  std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.pair < b.pair; });
}

std::optional<std::int32_t> MergeTable::rank(std::int32_t left, std::int32_t right) const {
  const std::uint64_t pair = pair_of(left, right);
  const auto found = std::lower_bound(entries_.begin(), entries_.end(), pair,
                                      [](const Entry& entry, std::uint64_t wanted) { return entry.pair < wanted; });
  if (found == entries_.end() || found->pair != pair) return std::nullopt;
  return found->rank;
}

MergeTable::Joined MergeTable::apply(const std::vector<std::int32_t>& symbols) const {
  return Merging(*this, merges_, symbols).run();
}

Result<Merge> make_merge(std::string_view left, std::string_view right, const Vocabulary& tokens) {
  const auto left_id = tokens.find(left);
  const auto right_id = tokens.find(right);
  const auto result_id = tokens.find(std::string(left) + std::string(right));
  if (left_id && right_id && result_id) {
    return Merge{static_cast<std::int32_t>(*left_id), static_cast<std::int32_t>(*right_id),
                 static_cast<std::int32_t>(*result_id)};
  }
  const std::string_view unknown = !left_id ? left : right;
  const std::string what = !left_id || !right_id ? in_quotes(unknown) : "its result";
  return contradiction(tokens.file(), "the merge of " + in_quotes(left) + " and " + in_quotes(right) +
                                          " needs a token that is not in the vocabulary: " + what);
}

Result<std::vector<Merge>> read_merges(const std::optional<JsonElement>& merges, const Vocabulary& tokens) {
  simdjson::dom::array list;
  if (!merges || merges->get(list) != simdjson::SUCCESS) return contradiction(tokens.file(), "model.merges is no list");
  std::vector<Merge> read;
  for (const JsonElement item : list) {
    Result<Merge> merge = merge_of(item, tokens, read.size());
    if (!merge) return merge.error();
    read.push_back(*merge);
  }
  drop_repeated(read);
  return read;
}

void drop_repeated(std::vector<Merge>& merges) {
  std::vector<std::pair<std::uint64_t, std::size_t>> pairs;
  pairs.reserve(merges.size());
  for (const Merge& merge : merges) pairs.emplace_back(pair_of(merge.left, merge.right), pairs.size());
  std::sort(pairs.begin(), pairs.end());
  std::vector<bool> dropped(merges.size());
  for (std::size_t at = 0; at + 1 < pairs.size(); ++at) {
    if (pairs[at].first == pairs[at + 1].first) dropped[pairs[at].second] = true;
  }
  std::size_t at = 0;
  merges.erase(std::remove_if(merges.begin(), merges.end(), [&](const Merge&) { return dropped[at++]; }), merges.end());
}

std::vector<std::string> spell_merges(const std::vector<Merge>& merges, const Vocabulary& tokens) {
  constexpr std::string_view blank = "\xC4\xA0";
  std::vector<std::string> spelled;
  spelled.reserve(merges.size());
  const auto append = [&](std::string& text, std::string_view token) {
    for (const char c : token) c == ' ' ? text += blank : text += c;
  };
  for (const Merge& merge : merges) {
    std::string text;
    append(text, tokens.text(merge.left));
    text += ' ';
    append(text, tokens.text(merge.right));
    spelled.push_back(std::move(text));
  }
  return spelled;
}

std::vector<std::string_view> characters_of(std::string_view text) {
  std::vector<std::string_view> characters;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
    characters.push_back(text.substr(at, end - at));
    at = end;
  }
  return characters;
}

}  // namespace abstractllm
