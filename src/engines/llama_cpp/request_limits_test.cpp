// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/request_limits.hpp"

#include <gtest/gtest.h>

namespace abstractllm {
namespace {

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST(RequestLimits, CountOnlyBracketsThatAreNoText) {
  EXPECT_EQ(json_depth(R"({"a": [{"b": "[[[[\"[["}], "c": [[]]})"), 3);
  EXPECT_EQ(json_depth(""), 0);
  EXPECT_EQ(json_depth("]]]]\"\\"), 0);
}

TEST(RequestLimits, RefuseJsonThatNestsTooDeeply) {
  EXPECT_FALSE(why_too_deep(repeated("[", 200)));
  EXPECT_EQ(why_too_deep(repeated("{\"a\":", 201)), "nests 201 levels deep, and the local engine takes 200");
}

TEST(RequestLimits, RefuseAGrammarThatNestsTooDeeply) {
  EXPECT_FALSE(why_too_deep_grammar("root ::= (\"((((((\" [(((((] ) # (((((\n"));
  EXPECT_FALSE(why_too_deep_grammar("root ::= " + repeated("(\"a\") ", 60'000)));
  EXPECT_EQ(why_too_deep_grammar("root ::= " + repeated("(", 60'000)),
            "the grammar nests 60000 groups, and the local engine takes 200");
}

TEST(RequestLimits, RefuseAGrammarWithAChainOfRulesThatCanBeTooLong) {
  EXPECT_EQ(why_too_deep_grammar(repeated("a ::= a\n", 60'000)),
            "the grammar has 60000 rules, and the local engine takes 5000");
}

}  // namespace
}  // namespace abstractllm
