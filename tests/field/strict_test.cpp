// SPDX-License-Identifier: Apache-2.0
//
// Under strict whatever would be a Warning is an error, wherever it comes from.
#include <gtest/gtest.h>

#include "field/answers.hpp"
#include "support/chat_exchange.hpp"

namespace abstractllm::field_cases {
namespace {

test::ChatExchange ended(const std::string& bytes, bool strict) {
  Policy policy;
  policy.strict = strict;
  test::ChatExchange exchange(policy);
  const TimePoint now{std::chrono::hours(1)};
  (void)exchange.resume(Proceed{}, now);
  (void)exchange.resume(HttpHead{200, {}}, now);
  (void)exchange.resume(BodyBytes{bytes}, now);
  EXPECT_EQ(exchange.resume(BodyEnd{}, now).kind, Action::Kind::done);
  return exchange;
}

const std::string text = chat_delta(R"({"content":"Hi"})");

TEST(Strict, RefusesAnAnswerWithoutAFinishReason) {
  const std::string bytes = text + event(R"({"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}})") + done;
  EXPECT_FALSE(ended(bytes, false).error());
  test::ChatExchange strict = ended(bytes, true);
  ASSERT_TRUE(strict.error());
  EXPECT_EQ(strict.error()->kind, ErrorKind::protocol);
  EXPECT_EQ(strict.error()->message, "the provider did not say why the answer ended (strict)");
  ASSERT_EQ(strict.decoded().events.size(), 1U) << "the text is part of what had arrived";
  EXPECT_EQ(std::get<TextDelta>(strict.decoded().events[0]).text, "Hi");
  EXPECT_EQ(strict.decoded().usage.output_tokens, 2);
}

TEST(Strict, RefusesEveryWarningOfADecoder) {
  const std::string choices =
      text + event(R"({"choices":[{"index":1,"delta":{"content":"other"}}]})") + chat_end("stop");
  const std::string line = text + "data: hello\n\n" + chat_end("stop");
  const std::string late = text + event(R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})") +
                           event(R"({"error":{"message":"late"}})") + done;
  for (const std::string& bytes : {choices, line, late}) {
    EXPECT_FALSE(ended(bytes, false).error()) << bytes;
    const test::ChatExchange strict = ended(bytes, true);
    ASSERT_TRUE(strict.error()) << bytes;
    EXPECT_TRUE(strict.error()->message.ends_with("(strict)")) << bytes;
  }
  EXPECT_FALSE(ended(text + chat_end("stop"), true).error());
}

}  // namespace
}  // namespace abstractllm::field_cases
