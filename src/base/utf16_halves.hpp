// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

/// Characters that arrive in two halves. JSON escapes a character beyond U+FFFF as two UTF-16 units ("\ud83d\ude00"),
/// and servers that cut text by units send one half in each of two strings. Such a half has no UTF-8 form. Until its
/// other half arrives, a mark stands for it: a private-use character of the last 2048 code points.
namespace abstractllm {

constexpr bool is_first_half(int unit) { return unit >= 0xD800 && unit < 0xDC00; }
constexpr bool is_second_half(int unit) { return unit >= 0xDC00 && unit < 0xE000; }
constexpr bool is_half_pair(int unit) { return unit >= 0xD800 && unit < 0xE000; }

/// The mark of a half, in UTF-8.
std::string mark_of_half(int unit);

/// Whether JSON text has characters that look like marks, in UTF-8 or as escapes.
bool holds_half_marks(std::string_view json_text);

/// Joins the marked halves in text that arrives in pieces. A half without the other one becomes U+FFFD.
class Utf16Halves {
 public:
  /// The piece with its halves joined. `marked` says that it may have marks. A first half at its end waits for the next
  /// piece.
  std::string join(std::string_view piece, bool marked);

  /// The rest at the end of the text: U+FFFD for a waiting half, otherwise empty.
  std::string finish();

  bool waits() const { return first_ != 0; }

 private:
  void take(int unit, std::string& joined);

  int first_ = 0;  ///< the waiting first half, or 0
};

/// One whole text with its marks replaced.
std::string with_halves_joined(std::string_view text);

}  // namespace abstractllm
