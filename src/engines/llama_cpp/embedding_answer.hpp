// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engines/llama_cpp/call.hpp"

namespace abstractllm {

/// What a call asked for, and how its answer is written.
struct EmbeddingForm {
  bool scores = false;  ///< of documents for a query, and not vectors
  std::string model;    ///< the name in the answer
  int normalise = 2;    ///< llama-server's embd_normalize: -1 not at all, 2 to length 1
  std::size_t dimensions = 0;
  bool base64 = false;
  std::size_t top_n = 0;  ///< the number of scores in the answer
  std::int64_t prompt_tokens = 0;
};

/// Writes the answer of a call: vectors at once and in order, so that they need no memory here, scores at the end.
/// Confined to one thread.
class EmbeddingAnswer {
 public:
  EmbeddingAnswer(std::shared_ptr<Call> call, EmbeddingForm form) : call_(std::move(call)), form_(std::move(form)) {}

  const std::shared_ptr<Call>& call() const { return call_; }
  /// What the model made of the next text: a vector, or a score as its first number. Returns false if it made no
  /// numbers; then the call has failed.
  bool add(const std::vector<float>& made);
  /// After the last text.
  void finish();

 private:
  void add_vector(const std::vector<float>& made);
  void write_scores();

  std::shared_ptr<Call> call_;
  EmbeddingForm form_;
  std::size_t count_ = 0;
  std::string text_;  // kept for its memory
  std::vector<float> vector_;
  std::vector<float> scores_;
};

}  // namespace abstractllm
