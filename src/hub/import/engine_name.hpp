// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "abstractllm/result.hpp"
#include "abstractllm/warning.hpp"
#include "hub/import/model_folder.hpp"

namespace abstractllm {

/// The value of `general.name` for a checkpoint whose own name is `name`. The engine reads one rule of the tokenizer
/// from it: special tokens take the white space after them if the name contains "phi-3" or "phi3" in any case
/// (https://github.com/ggml-org/llama.cpp/blob/master/src/llama-vocab.cpp, v0.5.0, read 2026-11). So the name gets
/// these letters if the tokens of tokenizer.json have `rstrip`, and loses them if they do not. A warning
/// (import_tokens) says if tokens of tokenizer.json have such rules that the engine does not apply. Errors:
/// engine_failed.
Result<std::string> engine_name(const ModelFolder& folder, std::string name, std::vector<Warning>& warnings);

}  // namespace abstractllm
