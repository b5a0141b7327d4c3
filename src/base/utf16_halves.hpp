// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

/// Characters that came in two halves. JSON escapes a character beyond U+FFFF as two UTF-16 units ("\ud83d\ude00"), and
/// servers that cut text by units send one half in each of two strings. Such a half has no UTF-8 form. Until it meets
/// its other half it travels as a mark: a private-use character of the last 2048 code points.
namespace abstractllm {

constexpr bool is_first_half(int unit) { return unit >= 0xD800 && unit < 0xDC00; }
constexpr bool is_second_half(int unit) { return unit >= 0xDC00 && unit < 0xE000; }
constexpr bool is_half_pair(int unit) { return unit >= 0xD800 && unit < 0xE000; }

/// The mark of a half, in UTF-8.
std::string mark_of_half(int unit);

/// Whether JSON text holds characters that look like marks, in UTF-8 or as escapes.
bool holds_half_marks(std::string_view json_text);

/// Joins the marked halves in text that comes in pieces. A half that has lost the other one becomes U+FFFD.
class Utf16Halves {
 public:
  /// The piece with its halves joined. `marked`: it may hold marks. A first half at its end waits for the next piece.
  std::string join(std::string_view piece, bool marked);

  /// What is left at the end of the text: U+FFFD for a half that waits, else nothing.
  std::string finish();

  bool waits() const { return first_ != 0; }

 private:
  void take(int unit, std::string& joined);

  int first_ = 0;  ///< the first half that waits, or 0
};

/// One whole text with its marks replaced.
std::string with_halves_joined(std::string_view text);

}  // namespace abstractllm
