// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/token_types.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "ggml-backend.h"

// src/llama-model.h, v0.5.0: nothing public reads the tensors of a loaded model.
const std::vector<std::pair<std::string, ggml_tensor*>>& llama_internal_get_tensor_map(const llama_model* model);

namespace abstractllm {
namespace {

const ggml_tensor* tensor_of(const llama_model* model, std::string_view name) {
  for (const auto& [each, tensor] : llama_internal_get_tensor_map(model))
    if (each == name) return tensor;
  return nullptr;
}

void read_row(const ggml_tensor* tensor, std::int64_t row, std::vector<std::byte>& stored, std::vector<float>& values) {
  values.resize(static_cast<std::size_t>(tensor->ne[0]));
  const std::size_t size = ggml_row_size(tensor->type, tensor->ne[0]);
  const std::size_t offset = static_cast<std::size_t>(row) * tensor->nb[1];
  if (tensor->type == GGML_TYPE_F32) return ggml_backend_tensor_get(tensor, values.data(), offset, size);
  stored.resize(size);
  ggml_backend_tensor_get(tensor, stored.data(), offset, size);
  ggml_get_type_traits(tensor->type)->to_float(stored.data(), values.data(), tensor->ne[0]);
}

bool is_readable(const ggml_tensor* tensor) {
  return tensor != nullptr &&
         (tensor->type == GGML_TYPE_F32 || ggml_get_type_traits(tensor->type)->to_float != nullptr);
}

}  // namespace

std::optional<TokenTypes> TokenTypes::of(const llama_model* model) {
  const bool gives_types = llama_vocab_type(llama_model_get_vocab(model)) == LLAMA_VOCAB_TYPE_WPM &&
                           llama_model_chat_template(model, "rerank") == nullptr;
  const ggml_tensor* tokens = tensor_of(model, "token_embd.weight");
  const ggml_tensor* types = tensor_of(model, "token_types.weight");
  if (!gives_types || !is_readable(tokens) || !is_readable(types) || types->ne[1] < 2) return std::nullopt;
  return TokenTypes(tokens, types);
}

TokenTypes::TokenTypes(const ggml_tensor* tokens, const ggml_tensor* types) : tokens_(tokens) {
  read_row(types, 1, stored_, difference_);
  read_row(types, 0, stored_, row_);
  std::transform(difference_.begin(), difference_.end(), row_.begin(), difference_.begin(), std::minus<>());
}

void TokenTypes::append(llama_token token, bool in_second_text, std::vector<float>& vectors) {
  read_row(tokens_, token, stored_, row_);
  if (in_second_text) std::transform(row_.begin(), row_.end(), difference_.begin(), row_.begin(), std::plus<>());
  vectors.insert(vectors.end(), row_.begin(), row_.end());
}

}  // namespace abstractllm
