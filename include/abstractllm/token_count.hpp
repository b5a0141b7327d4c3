// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

namespace abstractllm {

/// A number of tokens, or "the provider did not say". Unknown is not zero.
class TokenCount {
 public:
  constexpr TokenCount() = default;
  constexpr TokenCount(std::int64_t tokens)
      : tokens_(tokens) {}  // NOLINT(google-explicit-constructor): a count is a number

  constexpr bool known() const noexcept { return tokens_.has_value(); }
  constexpr std::int64_t value_or(std::int64_t unknown) const noexcept { return tokens_.value_or(unknown); }
  constexpr bool operator==(const TokenCount&) const = default;

  /// Prints the number, or "unknown". A template, so that this header needs no iostream.
  template <class Stream>
  friend Stream& operator<<(Stream& out, const TokenCount& count) {
    if (count.known()) out << *count.tokens_;
    else out << "unknown";
    return out;
  }

 private:
  std::optional<std::int64_t> tokens_;
};

}  // namespace abstractllm
