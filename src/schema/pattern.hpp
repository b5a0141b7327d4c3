// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "abstractllm/result.hpp"

namespace re2 {
class RE2;
}

namespace abstractllm {

/// A regular expression of a schema. A search takes linear time in the text. It is immutable and thread-safe.
class Pattern {
 public:
  /// The most memory in bytes that one pattern may take, with what its searches keep.
  static constexpr std::size_t most_memory = std::size_t{8} << 20U;
  /// The most instructions of the compiled pattern. RE2 itself allows more in this memory for plain letters.
  static constexpr std::size_t most_instructions = 50000;

  /// `expression` is in the common part of ECMA 262, which JSON Schema recommends, and RE2's syntax
  /// (https://github.com/google/re2/wiki/Syntax, seen 2026-11): no look-around and no references to groups. The escape
  /// \uXXXX is translated. Errors: invalid_argument, with the reason as the end of a sentence.
  static Result<std::shared_ptr<const Pattern>> read(std::string_view expression);
  ~Pattern();

  /// Whether the text, in UTF-8, has a match anywhere.
  bool is_in(std::string_view text) const;
  /// The number of instructions of the compiled pattern: what one byte of text may cost at worst.
  std::size_t size() const { return size_; }

 private:
  explicit Pattern(std::unique_ptr<const re2::RE2> expression);

  std::unique_ptr<const re2::RE2> expression_;
  std::size_t size_;
};

}  // namespace abstractllm
