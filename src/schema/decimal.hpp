// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace abstractllm {

/// A JSON number of any size, exact. `1.0`, `1` and `10e-1` are the same number. Never rounded, so an integer beyond 64
/// bits compares rightly. Each function takes linear time in the number of digits.
class Decimal {
 public:
  /// The most digits that the exponent of a number may have, without leading zeros.
  static constexpr std::size_t most_exponent_digits = 9;

  /// Whether the exponent of a JSON number has at most that many digits.
  static bool has_readable_exponent(std::string_view spelled);

  /// `spelled` is a JSON number. A larger exponent than 10^18 is taken for 10^18: numbers with an exponent that is not
  /// readable cannot be compared.
  explicit Decimal(std::string_view spelled);

  bool is_integer() const { return static_cast<std::int64_t>(digits_.size()) <= exponent_; }
  bool is_negative() const { return negative_; }
  bool is_zero() const { return digits_.empty(); }
  /// Whether the magnitude is below 1.
  bool is_below_one() const { return is_zero() || exponent_ <= 0; }
  /// The magnitude of an integer, if it has at most 64 bits.
  std::optional<std::uint64_t> magnitude() const;
  /// The number as a count: nullopt for a negative number or a fraction. The largest count is returned for more.
  std::optional<std::uint64_t> as_count() const;

  /// Less than 0, 0 or greater than 0.
  int compare(const Decimal& other) const;

  /// Whether another number can be divided by this one: at most 18 significant digits, and more than zero.
  bool can_divide() const;
  /// Whether the number is a multiple of `step`, for which can_divide() is true.
  bool is_multiple_of(const Decimal& step) const;

  /// The same for equal numbers.
  std::uint64_t hash() const;

 private:
  bool negative_ = false;
  std::string digits_;         ///< without zeros at its beginning and end; empty for zero
  std::int64_t exponent_ = 0;  ///< the number is 0.digits times 10 to the power of this
};

}  // namespace abstractllm
