// SPDX-License-Identifier: Apache-2.0
#include "hub/import/architectures/architectures.hpp"

#include <algorithm>

namespace abstractllm {

std::span<const Architecture* const> architectures() {
  static constexpr const Architecture* all[] = {
      &bert_import::bert,
      &gemma_import::gemma,
      &gemma_import::gemma2,
      &gemma_import::gemma3,
      &gpt2_import::gpt2,
      &llama_import::llama,
      &llama_import::mixtral,
      &phi3_import::phi3,
      &phi4mm_import::phi4mm,
      &qwen_import::qwen2,
      &qwen_import::qwen3,
      &bert_import::roberta,
      &bert_import::bert_classifier,
      &bert_import::roberta_classifier,
  };
  return all;
}

const Architecture* find_architecture(std::string_view class_name) {
  for (const Architecture* each : architectures())
    if (std::find(each->classes.begin(), each->classes.end(), class_name) != each->classes.end()) return each;
  return nullptr;
}

}  // namespace abstractllm
