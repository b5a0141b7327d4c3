// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/special_tokens.hpp"

#include <algorithm>
#include <functional>

namespace abstractllm {
namespace {

/// Some converters of model files have marked such tokens as ordinary ones.
bool looks_special(std::string_view spelling) {
  return (spelling.starts_with("<|") && spelling.ends_with("|>")) ||
         (spelling.starts_with("<｜") && spelling.ends_with("｜>"));
}

bool is_special(const llama_vocab* vocab, llama_token token, std::string_view spelling) {
  const auto kind = static_cast<unsigned>(llama_vocab_get_attr(vocab, token));
  if ((kind & (LLAMA_TOKEN_ATTR_CONTROL | LLAMA_TOKEN_ATTR_UNKNOWN)) != 0U) return true;
  return (kind & LLAMA_TOKEN_ATTR_USER_DEFINED) != 0U && (looks_special(spelling) || llama_vocab_is_eog(vocab, token));
}

std::size_t size_of_first_character(std::string_view text) {
  std::size_t size = 1;
  while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) ++size;
  return size;
}

}  // namespace

SpecialTokens::SpecialTokens(const llama_vocab* vocab) {
  for (llama_token token = 0; token < llama_vocab_n_tokens(vocab); ++token) {
    const char* spelling = llama_vocab_get_text(vocab, token);
    // A single character cannot be cut in two, and does not end a turn.
    if (spelling == nullptr || size_of_first_character(spelling) >= std::string_view(spelling).size()) continue;
    if (!is_special(vocab, token, spelling)) continue;
    tokens_.emplace(token, true);
    if (!spellings_.emplace(spelling, token).second) continue;
    auto& sizes = sizes_[*spelling];
    if (std::find(sizes.begin(), sizes.end(), std::string_view(spelling).size()) == sizes.end())
      sizes.push_back(std::string_view(spelling).size());
  }
  for (auto& [first, sizes] : sizes_) std::sort(sizes.begin(), sizes.end(), std::greater<>());
}

std::vector<SpecialTokens::Found> SpecialTokens::find(std::string_view text) const {
  std::vector<Found> found;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto sizes = sizes_.find(text[at]);
    if (sizes == sizes_.end()) continue;
    for (const std::size_t size : sizes->second) {
      if (size > text.size() - at) continue;
      const auto spelling = spellings_.find(std::string(text.substr(at, size)));
      if (spelling == spellings_.end()) continue;
      found.push_back({at, size, spelling->second, at + size_of_first_character(text.substr(at))});
      break;
    }
  }
  return found;
}

}  // namespace abstractllm
