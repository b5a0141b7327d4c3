// SPDX-License-Identifier: Apache-2.0
#include "protocols/ollama_chat/prompt_check.hpp"

#include <gtest/gtest.h>

#include <string>

namespace abstractllm::ollama_chat {
namespace {

HttpRequest request(std::size_t text_bytes, const std::string& options = "{}") {
  HttpRequest request;
  request.url = "http://127.0.0.1:11434/api/chat";
  request.body =
      R"({"messages":[{"role":"user","content":")" + std::string(text_bytes, 'a') + R"("}],"options":)" + options + "}";
  return request;
}

Usage counted(std::int64_t tokens) {
  Usage usage;
  usage.input_tokens = tokens;
  return usage;
}

TEST(PromptCheck, NoticesThatOllamaHasCutALongPrompt) {
  const auto warning = find_truncated_prompt(request(100'000), counted(4096));
  ASSERT_TRUE(warning);
  EXPECT_EQ(warning->code, "prompt_truncated");
  EXPECT_NE(warning->message.find("4096 tokens"), std::string::npos);
  // Whole messages were dropped until the rest fitted.
  EXPECT_TRUE(find_truncated_prompt(request(100'000), counted(3700)));
}

TEST(PromptCheck, KnowsTheContextThatWasAskedFor) {
  EXPECT_TRUE(find_truncated_prompt(request(100'000, R"({"num_ctx":3000})"), counted(2990)));
  EXPECT_FALSE(find_truncated_prompt(request(100'000, R"({"num_ctx":32768})"), counted(4096)));
}

TEST(PromptCheck, SaysNothingOfAPromptThatWasRead) {
  EXPECT_FALSE(find_truncated_prompt(request(16'000), counted(4000)));
  EXPECT_FALSE(find_truncated_prompt(request(100), counted(20)));
}

TEST(PromptCheck, TakesACountOfWhatIsNotCachedForNoCut) {
  EXPECT_FALSE(find_truncated_prompt(request(100'000), counted(25)));
  EXPECT_FALSE(find_truncated_prompt(request(100'000), Usage()));
}

}  // namespace
}  // namespace abstractllm::ollama_chat
