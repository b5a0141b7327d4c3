// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "abstractllm/result.hpp"
#include "hub/import/tokenizer_files.hpp"

namespace abstractllm {

/// The ids of special tokens by kind: "bos", "eos", …
using SpecialIds = std::map<std::string, std::int64_t, std::less<>>;

/// Makes every token of `eos_token_id` (a number or a list; of generation_config.json, else of config.json) end a
/// generation. The engine ends at the tokens "eos", "eot", "eom", "fim_rep", "fim_sep" and "fim_pad", and at tokens
/// that it knows by their text. Errors: unsupported (more tokens than that), engine_failed (no token).
Result<void> add_end_tokens(const TokenizerFiles& files, const Vocabulary& tokens, SpecialIds& ids);

}  // namespace abstractllm
