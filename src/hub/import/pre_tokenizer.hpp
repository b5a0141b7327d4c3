// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/result.hpp"
#include "hub/import/json_file.hpp"

namespace abstractllm {

/// How the engine splits a text before byte-level BPE.
struct PreTokenizer {
  std::string_view name;        ///< `tokenizer.ggml.pre`
  bool ignore_merges = false;   ///< whether a word that is a token is taken whole
  bool adds_beginning = false;  ///< whether the engine adds the beginning token unless the file says otherwise
};

/// A rule of a tokenizer.json in one line: "Digits(each) ByteLevel(regex)". Rules of a Sequence are joined by blanks,
/// and a rule that is not known is its type. "" without rules.
std::string describe_rules(const std::optional<JsonElement>& pre_tokenizer);

/// The engine's pre-tokenizers with equal rules, the best one first: one that is nearest to the rules, then those with
/// this `ignore_merges`, then others. They are found by the rules and never by a model's name. Errors: unsupported,
/// with the rules.
Result<std::vector<PreTokenizer>> find_pre_tokenizers(const JsonFile& file, bool ignore_merges);

/// The pre-tokenizer of that name, which must be one of pre_tokenizers.def.
PreTokenizer pre_tokenizer_named(std::string_view name);

/// Whether the engine can do without the normalizer: none, or only composition (NFC), which the engine leaves out.
bool is_nfc_at_most(const std::optional<JsonElement>& normalizer);

}  // namespace abstractllm
