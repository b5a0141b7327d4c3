// SPDX-License-Identifier: Apache-2.0
#include "schema/decimal.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "schema/byte_hash.hpp"

namespace abstractllm {
namespace {

/// The digits of the exponent without leading zeros, and its sign.
struct Exponent {
  std::string_view digits;
  bool negative = false;
};

Exponent exponent_of(std::string_view spelled) {
  const std::size_t mark = spelled.find_first_of("eE");
  if (mark == std::string_view::npos) return {};
  std::string_view digits = spelled.substr(mark + 1);
  const bool negative = digits.starts_with('-');
  digits.remove_prefix(std::min(digits.find_first_not_of("+-0"), digits.size()));
  return {digits, negative};
}

constexpr std::size_t most_divisor_digits = 18;

/// More than any number of digits that fits into memory, and far from the limits of its type.
constexpr std::int64_t largest_exponent = 1'000'000'000'000'000'000;

}  // namespace

bool Decimal::has_readable_exponent(std::string_view spelled) {
  return exponent_of(spelled).digits.size() <= most_exponent_digits;
}

Decimal::Decimal(std::string_view spelled) {
  const Exponent exponent = exponent_of(spelled);
  spelled = spelled.substr(0, spelled.find_first_of("eE"));
  negative_ = spelled.starts_with('-');
  if (negative_) spelled.remove_prefix(1);
  const std::size_t point = std::min(spelled.find('.'), spelled.size());
  digits_ = spelled.substr(0, point);
  if (point < spelled.size()) digits_ += spelled.substr(point + 1);
  const std::size_t first = digits_.find_first_not_of('0');
  if (first == std::string::npos) {
    digits_.clear();
    negative_ = false;
    return;
  }
  digits_.resize(digits_.find_last_not_of('0') + 1);
  digits_.erase(0, first);
  std::int64_t shift = 0;
  const auto read = std::from_chars(exponent.digits.data(), exponent.digits.data() + exponent.digits.size(), shift);
  if (read.ec == std::errc::result_out_of_range || shift > largest_exponent) shift = largest_exponent;
  exponent_ =
      static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first) + (exponent.negative ? -shift : shift);
}

std::optional<std::uint64_t> Decimal::magnitude() const {
  constexpr std::int64_t most_digits = std::numeric_limits<std::uint64_t>::digits10 + 1;
  if (is_zero()) return 0;
  if (!is_integer() || exponent_ > most_digits) return std::nullopt;
  std::string whole = digits_;
  whole.resize(static_cast<std::size_t>(exponent_), '0');
  std::uint64_t value = 0;
  if (std::from_chars(whole.data(), whole.data() + whole.size(), value).ec != std::errc()) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> Decimal::as_count() const {
  if (negative_ || !is_integer()) return std::nullopt;
  return magnitude().value_or(std::numeric_limits<std::uint64_t>::max());
}

int Decimal::compare(const Decimal& other) const {
  if (negative_ != other.negative_) return negative_ ? -1 : 1;
  const int larger = negative_ ? -1 : 1;
  if (is_zero() || other.is_zero()) return is_zero() ? (other.is_zero() ? 0 : -larger) : larger;
  if (exponent_ != other.exponent_) return exponent_ < other.exponent_ ? -larger : larger;
  const int order = digits_.compare(other.digits_);
  return order == 0 ? 0 : (order < 0 ? -larger : larger);
}

bool Decimal::can_divide() const { return !negative_ && !is_zero() && digits_.size() <= most_divisor_digits; }

bool Decimal::is_multiple_of(const Decimal& step) const {
  if (is_zero()) return true;
  // Both as an integer times a power of ten. An integer whose last digit is not 0 is no multiple of 10.
  const std::int64_t power = exponent_ - static_cast<std::int64_t>(digits_.size());
  const std::int64_t step_power = step.exponent_ - static_cast<std::int64_t>(step.digits_.size());
  if (power < step_power) return false;
  std::uint64_t divisor = 0;
  std::from_chars(step.digits_.data(), step.digits_.data() + step.digits_.size(), divisor);
  std::uint64_t rest = 0;  // less than 10^18, so ten times it fits
  for (const char digit : digits_) rest = (rest * 10 + static_cast<std::uint64_t>(digit - '0')) % divisor;
  // A divisor of less than 2^60 has less than 60 factors of 2 or 5: more tens change nothing.
  constexpr std::int64_t most_tens = 60;
  for (std::int64_t ten = 0; ten < std::min(power - step_power, most_tens); ++ten) rest = rest * 10 % divisor;
  return rest == 0;
}

std::uint64_t Decimal::hash() const {
  return hash_of_bytes(digits_, static_cast<std::uint64_t>(exponent_) * 2 + (negative_ ? 1 : 0));
}

}  // namespace abstractllm
