// SPDX-License-Identifier: Apache-2.0
#include "schema/decimal.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace abstractllm {
namespace {

int compared(std::string_view a, std::string_view b) { return Decimal(a).compare(Decimal(b)); }

TEST(Decimal, ComparesExactly) {
  // In order.
  const std::string_view numbers[] = {"-1e999999999",
                                      "-12345678901234567890123",
                                      "-10",
                                      "-9.5",
                                      "-0.01",
                                      "0",
                                      "1e-999999999",
                                      "0.009",
                                      "0.1",
                                      "0.11",
                                      "1",
                                      "1.0000000000000000000000001",
                                      "9007199254740992",
                                      "9007199254740993",
                                      "18446744073709551615",
                                      "18446744073709551616",
                                      "1e20",
                                      "1e999999999"};
  for (std::size_t a = 0; a < std::size(numbers); ++a) {
    for (std::size_t b = 0; b < std::size(numbers); ++b) {
      const int order = compared(numbers[a], numbers[b]);
      EXPECT_EQ(order < 0, a < b) << numbers[a] << " " << numbers[b];
      EXPECT_EQ(order > 0, a > b) << numbers[a] << " " << numbers[b];
    }
  }
}

TEST(Decimal, KnowsEqualNumbersInOtherSpellings) {
  for (const auto& [a, b] : {std::pair{"1", "1.000"},
                             {"1000", "1e3"},
                             {"-0.0", "0"},
                             {"0e5", "0"},
                             {"10E-1", "1"},
                             {"0.0012", "1.2e-3"},
                             {"120e-2", "1.2"},
                             {"1e+0003", "1000"},
                             {"-5.50", "-5.5"}}) {
    EXPECT_EQ(compared(a, b), 0) << a << " " << b;
    EXPECT_EQ(Decimal(a).hash(), Decimal(b).hash()) << a << " " << b;
  }
  EXPECT_NE(Decimal("1").hash(), Decimal("10").hash());
  EXPECT_NE(Decimal("1").hash(), Decimal("-1").hash());
}

TEST(Decimal, KnowsIntegers) {
  for (const char* integer :
       {"0", "-0.0", "1", "1.0", "1e3", "1.25e2", "12345678901234567890123456789", "10e-1", "1e999999999"})
    EXPECT_TRUE(Decimal(integer).is_integer()) << integer;
  for (const char* fraction : {"0.5", "1.25e1", "1e-1", "12345678901234567890.1", "1e-999999999"})
    EXPECT_FALSE(Decimal(fraction).is_integer()) << fraction;
}

TEST(Decimal, KnowsMultiples) {
  const auto is_multiple = [](std::string_view number, std::string_view step) {
    return Decimal(number).is_multiple_of(Decimal(step));
  };
  EXPECT_TRUE(is_multiple("0.3", "0.1"));
  EXPECT_TRUE(is_multiple("19.99", "0.01"));
  EXPECT_TRUE(is_multiple("-21", "7"));
  EXPECT_TRUE(is_multiple("0", "7"));
  EXPECT_TRUE(is_multiple("1e999999999", "2"));
  EXPECT_TRUE(is_multiple("7", "0.0000001"));
  EXPECT_TRUE(is_multiple("1000000000000000000000000", "15625"));
  EXPECT_TRUE(is_multiple("36893488147419103232", "2"));
  EXPECT_TRUE(is_multiple("4.5", "1.5"));
  EXPECT_FALSE(is_multiple("36893488147419103233", "2"));
  EXPECT_FALSE(is_multiple("22", "7"));
  EXPECT_FALSE(is_multiple("0.35", "0.1"));
  EXPECT_FALSE(is_multiple("1e999999999", "3"));
  EXPECT_FALSE(is_multiple("5", "10"));
  EXPECT_TRUE(Decimal("123456789012345678").can_divide());
  EXPECT_FALSE(Decimal("1234567890123456789").can_divide());
  EXPECT_FALSE(Decimal("-1").can_divide());
  EXPECT_FALSE(Decimal("0.0").can_divide());
}

TEST(Decimal, ReadsCounts) {
  EXPECT_EQ(Decimal("0").as_count(), 0U);
  EXPECT_EQ(Decimal("1.2e2").as_count(), 120U);
  EXPECT_EQ(Decimal("9999999999999999999").as_count(), 9999999999999999999U);
  EXPECT_EQ(Decimal("10000000000000000000").as_count(), 10000000000000000000U);
  EXPECT_EQ(Decimal("1e400").as_count(), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(Decimal("-1").as_count(), std::nullopt);
  EXPECT_EQ(Decimal("0.5").as_count(), std::nullopt);
}

TEST(Decimal, BoundsExponents) {
  EXPECT_TRUE(Decimal::has_readable_exponent("1e-000000000000999999999"));
  EXPECT_FALSE(Decimal::has_readable_exponent("1e1000000000"));
  EXPECT_TRUE(Decimal::has_readable_exponent("12345678901234567890"));
}

TEST(Decimal, GivesMagnitudesOfUpTo64Bits) {
  EXPECT_EQ(Decimal("-18446744073709551615").magnitude(), 18446744073709551615U);
  EXPECT_EQ(Decimal("1844674407370955161.50e1").magnitude(), 18446744073709551615U);
  EXPECT_EQ(Decimal("-0.0").magnitude(), 0U);
  for (const char* other : {"18446744073709551616", "1e20", "1e-1", "0.5", "1e99999999999999999999"})
    EXPECT_EQ(Decimal(other).magnitude(), std::nullopt) << other;
}

TEST(Decimal, ReadsExponentsOfAnySize) {
  EXPECT_TRUE(Decimal("1e99999999999999999999999").is_integer());
  EXPECT_FALSE(Decimal("1e99999999999999999999999").is_below_one());
  EXPECT_FALSE(Decimal("1e-99999999999999999999999").is_integer());
  EXPECT_TRUE(Decimal("1e-99999999999999999999999").is_below_one());
  EXPECT_TRUE(Decimal("-0.99").is_below_one());
  EXPECT_FALSE(Decimal("-1.0").is_below_one());
  EXPECT_TRUE(Decimal("0e99999999999999999999999").is_below_one());
}

}  // namespace
}  // namespace abstractllm
