// SPDX-License-Identifier: Apache-2.0
#include "tools/decimal_number.hpp"

#include <algorithm>
#include <charconv>

namespace abstractllm {
namespace {

/// More than any number of digits that fits into memory, and far from the limits of its type.
constexpr std::int64_t largest_exponent = std::int64_t{1} << 60;

/// The exponent behind the letter e, cut to the largest.
std::int64_t exponent_of(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  std::int64_t value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc()) value = largest_exponent;
  value = std::min(value, largest_exponent);
  return negative ? -value : value;
}

}  // namespace

DecimalNumber::DecimalNumber(std::string_view token) : negative_(token.starts_with('-')) {
  if (negative_) token.remove_prefix(1);
  const std::size_t letter = token.find_first_of("eE");
  if (letter != std::string_view::npos) exponent_ = exponent_of(token.substr(letter + 1));
  const std::string_view mantissa = token.substr(0, letter);
  const std::size_t point = mantissa.find('.');
  digits_ = mantissa.substr(0, point);
  if (point != std::string_view::npos) {
    digits_ += mantissa.substr(point + 1);
    exponent_ -= static_cast<std::int64_t>(mantissa.size() - point - 1);
  }
  const std::size_t last = digits_.find_last_not_of('0');
  const std::size_t kept = last == std::string::npos ? 0 : last + 1;
  exponent_ += static_cast<std::int64_t>(digits_.size() - kept);
  digits_.resize(kept);
  digits_.erase(0, std::min(digits_.find_first_not_of('0'), digits_.size()));
}

bool DecimalNumber::is_below_one() const noexcept {
  return digits_.empty() || static_cast<std::int64_t>(digits_.size()) + exponent_ <= 0;
}

std::optional<std::uint64_t> DecimalNumber::magnitude() const {
  if (digits_.empty()) return 0;
  constexpr std::int64_t most_digits = 20;
  if (exponent_ < 0 || exponent_ > most_digits || static_cast<std::int64_t>(digits_.size()) + exponent_ > most_digits)
    return std::nullopt;
  const std::string whole = digits_ + std::string(static_cast<std::size_t>(exponent_), '0');
  std::uint64_t value = 0;
  if (std::from_chars(whole.data(), whole.data() + whole.size(), value).ec != std::errc()) return std::nullopt;
  return value;
}

}  // namespace abstractllm
