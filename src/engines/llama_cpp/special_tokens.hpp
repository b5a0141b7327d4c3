// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "llama.h"

namespace abstractllm {

/// The spellings of a vocabulary's special tokens ("<|im_end|>"). A tokenizer finds them in any text that it parses for
/// special tokens. Thread-safe after construction.
class SpecialTokens {
 public:
  /// Control and unknown tokens, and other tokens with the spelling of control tokens.
  explicit SpecialTokens(const llama_vocab* vocab);

  struct Found {
    std::size_t at = 0;
    std::size_t size = 0;
    llama_token token = LLAMA_TOKEN_NULL;
    std::size_t end() const { return at + size; }
    /// The position after its first character, where it can be cut in two.
    std::size_t inside = 0;
  };
  /// Every place where a spelling begins, also inside another one, with the longest spelling there. Takes linear time.
  std::vector<Found> find(std::string_view text) const;
  bool contains(llama_token token) const { return tokens_.contains(token); }

 private:
  std::unordered_map<std::string, llama_token> spellings_;
  std::unordered_map<llama_token, bool> tokens_;
  std::map<char, std::vector<std::size_t>> sizes_;  // by first byte; the longest is first
};

}  // namespace abstractllm
