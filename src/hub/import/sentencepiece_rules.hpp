// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "hub/import/json_file.hpp"
#include "hub/import/vocabulary.hpp"

namespace abstractllm {

/// The rules of a normalizer in one line: "Prepend(▁) Replace( ,▁)". "" without rules. A rule that is not known is its
/// type.
std::string describe_normalizer(const std::optional<JsonElement>& normalizer);

/// The rules of a pre-tokenizer in one line: "WhitespaceSplit Metaspace(always, split)", and otherwise as
/// describe_rules().
std::string describe_sentencepiece_rules(const std::optional<JsonElement>& pre_tokenizer);

/// Gives the tokens "<0x00>" to "<0xFF>" their type. Errors: unsupported (one is missing: the engine would end the
/// process when a text needs it).
Result<void> mark_byte_tokens(Vocabulary& tokens);

}  // namespace abstractllm
