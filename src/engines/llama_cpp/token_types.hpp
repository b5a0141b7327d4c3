// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "llama.h"

namespace abstractllm {

/// The types of a pair's tokens: 0 for the first text, 1 for the second one. BERT's cross-encoders were trained with
/// both. The engine gives each token type 0 (src/models/bert.cpp, v0.5.0, read on 2026-11-27). It takes the vectors of
/// tokens in place of tokens, and those of the second text get the difference of the two types here, in advance.
class TokenTypes {
 public:
  /// The types of a model that was trained with pairs. Nullopt for one that has a single type, or whose tokenizer
  /// gives no types: only BERT's own does. `model` must outlive what is returned.
  static std::optional<TokenTypes> of(const llama_model* model);

  /// Appends what the engine must read in place of `token`.
  void append(llama_token token, bool in_second_text, std::vector<float>& vectors);

 private:
  TokenTypes(const ggml_tensor* tokens, const ggml_tensor* types);

  const ggml_tensor* tokens_;
  std::vector<float> difference_;  // of type 1 to type 0
  std::vector<float> row_;
  std::vector<std::byte> stored_;
};

}  // namespace abstractllm
