// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace abstractllm {

/// A number of JSON in decimal: digits and a power of ten. It decides whether the number is an integer without rounding
/// it. Takes linear time and memory, however large the exponent is.
class DecimalNumber {
 public:
  /// `token` is a number as JSON spells it.
  explicit DecimalNumber(std::string_view token);

  bool is_negative() const noexcept { return negative_; }
  /// 1.0 and 1e3 are integers.
  bool is_integer() const noexcept { return digits_.empty() || exponent_ >= 0; }
  /// Whether the magnitude is below 1.
  bool is_below_one() const noexcept;
  /// The magnitude of an integer, if it has at most 64 bits.
  std::optional<std::uint64_t> magnitude() const;

 private:
  bool negative_ = false;
  std::string digits_;         // without zeros at the beginning and at the end; empty for 0
  std::int64_t exponent_ = 0;  // the value is digits_ times ten to this power
};

}  // namespace abstractllm
