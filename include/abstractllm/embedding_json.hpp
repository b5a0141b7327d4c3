// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "abstractllm/embedding.hpp"
#include "abstractllm/export.hpp"
#include "abstractllm/result.hpp"

namespace abstractllm {

/// Returns one JSON object with `model`, `dimensions`, `embeddings` (a list of lists of numbers), `usage`, `provider`
/// and `warnings`. What is not known is absent. Each number has as many digits as it takes to read the same float
/// again.
ABSTRACTLLM_API std::string to_json(const Embeddings& embeddings);

/// Returns one JSON object with `model`, `results` (a list of objects with `index` and `score`), `usage`, `provider`
/// and `warnings`.
ABSTRACTLLM_API std::string to_json(const Ranking& ranking);

/// Appends one vector as a JSON list, as to_json() writes it.
ABSTRACTLLM_API void append_json(std::span<const float> vector, std::string& json);

/// Reads one text from a line of JSON Lines: a string, or an object with the string `text` or `input`, whose other
/// members are ignored. Errors: invalid_argument.
ABSTRACTLLM_API Result<std::string> text_from_json(std::string_view json);

}  // namespace abstractllm
