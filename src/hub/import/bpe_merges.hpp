// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/result.hpp"
#include "hub/import/json_file.hpp"
#include "hub/import/vocabulary.hpp"

namespace abstractllm {

/// Two tokens that become one. A merge with a lower rank comes first.
struct Merge {
  std::int32_t left = 0;
  std::int32_t right = 0;
  std::int32_t result = 0;
};

/// The merges of a BPE model by pair, for tests of what they do.
class MergeTable {
 public:
  explicit MergeTable(const std::vector<Merge>& merges);

  /// The rank of a pair, or nullopt.
  std::optional<std::int32_t> rank(std::int32_t left, std::int32_t right) const;
  struct Joined {
    std::vector<std::int32_t> symbols;
    std::int32_t last_rank;  ///< that of the last merge, or -1 if there was none
  };

  /// Merges the symbols, those with the lowest rank first, then from the left. Takes n log n.
  Joined apply(const std::vector<std::int32_t>& symbols) const;

 private:
  struct Entry {
    std::uint64_t pair;
    std::int32_t rank;
  };

  const std::vector<Merge>& merges_;
  std::vector<Entry> entries_;  // sorted: what a hostile file chooses cannot make a search slow
};

/// Reads model.merges, in both spellings: "a b" and ["a", "b"]. If a pair is listed twice, the last one counts, as in
/// Hugging Face's tokenizers. Errors: engine_failed (a merge of, or to, an unknown token; another type).
Result<std::vector<Merge>> read_merges(const std::optional<JsonElement>& merges, const Vocabulary& tokens);

/// One merge from its two texts. Errors: engine_failed.
Result<Merge> make_merge(std::string_view left, std::string_view right, const Vocabulary& tokens);

/// Leaves the last of equal pairs.
void drop_repeated(std::vector<Merge>& merges);

/// The merges as the engine reads them: two texts and a blank. A blank within a text is U+0120.
std::vector<std::string> spell_merges(const std::vector<Merge>& merges, const Vocabulary& tokens);

/// The characters of valid UTF-8.
std::vector<std::string_view> characters_of(std::string_view text);

}  // namespace abstractllm
