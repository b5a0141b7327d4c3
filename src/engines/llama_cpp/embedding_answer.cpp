// SPDX-License-Identifier: Apache-2.0
//
// The forms are those of llama-server (format_embeddings_response_oaicompat and format_response_rerank in
// tools/server/server-common.cpp, v0.5.0, read on 2026-11-27).
#include "engines/llama_cpp/embedding_answer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>

#include "base/base64.hpp"
#include "common.h"
#include "engines/llama_cpp/direct_answer.hpp"

namespace abstractllm {
namespace {

void append_number(float value, std::string& text) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  text.append(digits.data(), end);
}

void append_array(const std::vector<float>& values, std::string& text) {
  text += '[';
  for (const float value : values) {
    append_number(value, text);
    text += ',';
  }
  text.back() = ']';
}

json usage_of(const EmbeddingForm& form) {
  return {{"prompt_tokens", form.prompt_tokens}, {"total_tokens", form.prompt_tokens}};
}

/// A JSON object with these members, but for its closing brace and the value of the last one.
std::string beginning(const EmbeddingForm& form, const char* last) {
  std::string text = safe_json_to_str({{"model", form.model}, {"object", "list"}, {"usage", usage_of(form)}});
  text.back() = ',';
  return text + '"' + last + "\":[";
}

}  // namespace

bool EmbeddingAnswer::add(const std::vector<float>& made) {
  if (made.empty() || !std::all_of(made.begin(), made.end(), [](float value) { return std::isfinite(value); })) {
    call_->fail({ErrorKind::engine_failed, "the model made no numbers of text " + std::to_string(count_) +
                                               ": its file is broken, or too coarsely quantised"});
    return false;
  }
  if (form_.scores) scores_.push_back(made.front());
  else add_vector(made);
  ++count_;
  return true;
}

void EmbeddingAnswer::add_vector(const std::vector<float>& made) {
  vector_.resize(form_.dimensions);
  common_embd_normalize(made.data(), vector_.data(), static_cast<int>(form_.dimensions), form_.normalise);
  if (count_ == 0) call_->open(200, json_type);
  text_ = count_ == 0 ? beginning(form_, "data") : ",";
  text_ += "{\"embedding\":";
  if (form_.base64) {
    text_ += '"';
    append_base64({reinterpret_cast<const char*>(vector_.data()), vector_.size() * sizeof(float)}, text_);
    text_ += '"';
  } else {
    append_array(vector_, text_);
  }
  text_ += ",\"index\":" + std::to_string(count_) + ",\"object\":\"embedding\"";
  text_ += form_.base64 ? ",\"encoding_format\":\"base64\"}" : "}";
  call_->append(text_);
}

void EmbeddingAnswer::finish() {
  if (form_.scores) write_scores();
  else call_->append("]}");
  call_->end();
}

void EmbeddingAnswer::write_scores() {
  std::vector<std::size_t> best(scores_.size());
  std::iota(best.begin(), best.end(), std::size_t{0});
  std::stable_sort(best.begin(), best.end(), [this](std::size_t a, std::size_t b) { return scores_[a] > scores_[b]; });
  best.resize(std::min(best.size(), form_.top_n));
  text_ = beginning(form_, "results");
  for (const std::size_t index : best) {
    text_ += "{\"index\":" + std::to_string(index) + ",\"relevance_score\":";
    append_number(scores_[index], text_);
    text_ += "},";
  }
  text_.back() = ']';
  call_->open(200, json_type);
  call_->append(text_ + '}');
}

}  // namespace abstractllm
