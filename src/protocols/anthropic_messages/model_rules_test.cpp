// SPDX-License-Identifier: Apache-2.0
#include "protocols/anthropic_messages/model_rules.hpp"

#include <gtest/gtest.h>

namespace abstractllm::anthropic_messages {
namespace {

TEST(AnthropicModelRulesTable, KnowsClaudeBehindAVendorsName) {
  for (const char* name : {"claude-opus-4-7", "anthropic/claude-opus-4.7", "us.anthropic.claude-opus-4-7-20260401-v1:0",
                           "claude-opus-4-7@20260401"}) {
    EXPECT_TRUE(anthropic_model_rules(name).claude) << name;
    EXPECT_TRUE(anthropic_model_rules(name).can_stop_thinking) << name;
  }
  for (const char* name : {"", "claude", "smollm2", "my-claude-3-opus", "qwen3:0.6b"})
    EXPECT_FALSE(anthropic_model_rules(name).claude) << name;
}

TEST(AnthropicModelRulesTable, TakesADateForNoVersion) {
  EXPECT_TRUE(anthropic_model_rules("claude-sonnet-4-20250514").sampling);
  EXPECT_EQ(anthropic_model_rules("claude-sonnet-4-20250514").thinking, ThinkingControl::budget);
  EXPECT_FALSE(anthropic_model_rules("claude-sonnet-5-20260601").sampling);
  EXPECT_EQ(anthropic_model_rules("claude-opus-4-20250514-v1:0").thinking, ThinkingControl::budget);
}

TEST(AnthropicModelRulesTable, KnowsTheOldOrderOfNames) {
  EXPECT_EQ(anthropic_model_rules("claude-3-5-haiku-latest").thinking, ThinkingControl::none);
  EXPECT_EQ(anthropic_model_rules("claude-3-7-sonnet-20250219").thinking, ThinkingControl::budget);
  EXPECT_EQ(anthropic_model_rules("claude-3-opus-20240229").thinking, ThinkingControl::none);
  EXPECT_TRUE(anthropic_model_rules("claude-instant-1.2").sampling);
}

TEST(AnthropicModelRulesTable, AppliesTheNewestRulesToWhatItDoesNotKnow) {
  for (const char* name : {"claude-sonnet-5-5", "claude-fable-5", "claude-opus-6", "claude-sonnet-latest", "claude-",
                           "claude-99999999999999999999", "claude-newname-5"}) {
    const AnthropicModelRules rules = anthropic_model_rules(name);
    EXPECT_TRUE(rules.claude) << name;
    EXPECT_FALSE(rules.sampling) << name;
    EXPECT_FALSE(rules.can_stop_thinking) << name;
    EXPECT_EQ(rules.thinking, ThinkingControl::effort) << name;
  }
}

}  // namespace
}  // namespace abstractllm::anthropic_messages
