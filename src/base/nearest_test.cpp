// SPDX-License-Identifier: Apache-2.0
#include "base/nearest.hpp"

#include <gtest/gtest.h>

#include <array>

namespace abstractllm {
namespace {

constexpr std::array<std::string_view, 3> known = {"huggingface", "openai", "ollama"};

TEST(NearestName, FindsATypo) { EXPECT_EQ(nearest_name("hugingface", known), "huggingface"); }
TEST(NearestName, PrefersTheFewestEdits) { EXPECT_EQ(nearest_name("olama", known), "ollama"); }
TEST(NearestName, GivesNothingForAnotherWord) { EXPECT_EQ(nearest_name("zebra", known), std::nullopt); }
TEST(NearestName, GivesNothingForAnOverlongWord) {
  EXPECT_EQ(nearest_name(std::string(100000, 'o'), known), std::nullopt);
}
TEST(NearestName, TakesAnEmptyWord) { EXPECT_EQ(nearest_name("", known), std::nullopt); }

}  // namespace
}  // namespace abstractllm
