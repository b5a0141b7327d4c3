// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "hub/import/tokenizer_files.hpp"

namespace abstractllm {

/// What is added to a text, and which tokens are named.
struct AddedSpecials {
  std::map<std::string, std::string, std::less<>> names;  ///< "bos" -> "<s>"
  std::map<std::string, bool, std::less<>> adds;          ///< "bos" -> whether the token is added
  bool encloses = false;                                  ///< whether a text gets a first and a last token
};

/// Reads the names of tokenizer_config.json, and the post-processor of tokenizer.json as far as a text has one first
/// and one last token. Follows SpecialVocab of the engine's converter
/// (https://github.com/ggml-org/llama.cpp/blob/master/gguf-py/gguf/vocab.py, v0.5.0, read 2026-11), but knows a token
/// by its text also where a file writes it as an object.
AddedSpecials read_added_specials(const TokenizerFiles& files);

}  // namespace abstractllm
