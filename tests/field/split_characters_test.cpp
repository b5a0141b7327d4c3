// SPDX-License-Identifier: Apache-2.0
//
// Characters beyond U+FFFF that a server cut between their UTF-16 halves. JavaScript and Java servers do so.
#include <gtest/gtest.h>

#include "base/utf8.hpp"
#include "field/answers.hpp"

namespace abstractllm::field_cases {
namespace {

constexpr std::string_view grin = "\xF0\x9F\x98\x80";  // U+1F600, "\ud83d\ude00"
constexpr std::string_view lost = "\xEF\xBF\xBD";      // U+FFFD

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return text;
}

void expect_whole_text(const Outcome& outcome) {
  for (const TextDelta& delta : outcome.all<TextDelta>()) {
    EXPECT_FALSE(delta.text.empty());
    EXPECT_FALSE(find_invalid_utf8(delta.text)) << delta.text;
  }
}

TEST(SplitCharacters, AreJoinedOverTwoDeltasOfText) {
  for (const std::string_view protocol : all_protocols) {
    const Outcome outcome = answer(protocol, two_texts(protocol, R"(a\ud83d)", R"(\ude00b)"));
    ASSERT_FALSE(outcome.error) << protocol << outcome.error->message;
    EXPECT_EQ(outcome.text(), joined({"a", grin, "b"})) << protocol;
    expect_whole_text(outcome);
    const Outcome alone = answer(protocol, two_texts(protocol, R"(\uD83D)", R"(\uDE00)"));
    EXPECT_EQ(alone.all<TextDelta>(), (std::vector<TextDelta>{{std::string(grin)}})) << protocol;
  }
}

TEST(SplitCharacters, ThatLostAHalfAreReplaced) {
  const std::string_view pairs[][3] = {{R"(a\ud83d)", "b", "a?b"},       {"a", R"(\ude00b)", "a?b"},
                                       {R"(\ud83d)", R"(\ud83d)", "??"}, {R"(\ude00\ud83d)", R"(\ude00)", "?!"},
                                       {"a", R"(\ud83d)", "a?"},         {R"(\ud83dx\ude00)", "", "?x?"}};
  for (const std::string_view protocol : all_protocols)
    for (const auto& [first, second, pattern] : pairs) {
      std::string expected;
      for (const char c : pattern)
        expected += c == '?' ? std::string(lost) : c == '!' ? std::string(grin) : std::string(1, c);
      const Outcome outcome = answer(protocol, two_texts(protocol, first, second));
      ASSERT_FALSE(outcome.error) << protocol << first << second;
      EXPECT_EQ(outcome.text(), expected) << protocol << first << second;
      expect_whole_text(outcome);
    }
}

TEST(SplitCharacters, AreJoinedInArguments) {
  for (const std::string_view protocol : all_protocols) {
    const Outcome outcome = answer(protocol, two_fragments(protocol, R"({\"a\":\"\ud83d)", R"(\ude00\"})"));
    ASSERT_FALSE(outcome.error) << protocol;
    const std::string expected = joined({"{\"a\":\"", grin, "\"}"});
    EXPECT_EQ(outcome.all<ToolCall>(), (std::vector<ToolCall>{{"c", "f", expected}})) << protocol;
    std::string fragments;
    for (const ToolCallDelta& delta : outcome.all<ToolCallDelta>()) fragments += delta.arguments_fragment;
    EXPECT_EQ(fragments, expected) << protocol;
    const Outcome half = answer(protocol, two_fragments(protocol, R"({\"a\":\"\ud83d)", R"(\"})"));
    EXPECT_EQ(half.all<ToolCall>().at(0).arguments_json, joined({"{\"a\":\"", lost, "\"}"})) << protocol;
  }
}

// The model's own escape within the arguments is text: both halves stay as they are.
TEST(SplitCharacters, WithinArgumentsThatEscapeThemStayEscaped) {
  for (const std::string_view protocol : all_protocols) {
    const Outcome outcome = answer(protocol, two_fragments(protocol, R"({\"a\":\"\\ud83d)", R"(\\ude00\"})"));
    EXPECT_EQ(outcome.all<ToolCall>(), (std::vector<ToolCall>{{"c", "f", R"({"a":"\ud83d\ude00"})"}})) << protocol;
  }
}

TEST(SplitCharacters, AreJoinedInReasoningApartFromText) {
  const Outcome outcome = answer("openai_chat", chat_delta(R"({"reasoning":"\ud83d","content":"\ud83d"})") +
                                                    chat_delta(R"({"content":"\ude01"})") +
                                                    chat_delta(R"({"reasoning":"\ude00"})") + chat_end("stop"));
  EXPECT_EQ(outcome.reasoning(), grin);
  EXPECT_EQ(outcome.text(), "\xF0\x9F\x98\x81");
}

// Anything else that such an event holds is read as before; private characters of a server are not ours.
TEST(SplitCharacters, LeaveOtherTextAlone) {
  const std::string own = "\xF4\x8F\xA0\xBD";  // U+10F83D: looks like what we write for half a pair
  const Outcome outcome = answer(
      "openai_chat", chat_delta("{\"content\":\"" + own + "\"}") + chat_delta("{\"content\":\"" + own + R"(\ud83d"})") +
                         chat_delta(R"({"content":"\ude00\udbfe\udc3d"})") + chat_end("stop"));
  EXPECT_EQ(outcome.text(), joined({own, own, lost, lost, own}));
  const Outcome facts =
      answer("openai_chat", event(R"({"id":"i\ud83d","model":"\ude00m","choices":[{"index":0,"delta":{"content":"a"},)"
                                  R"("logprobs":{"content":[{"token":"\ud83d"},{"token":"\ude00"}]}}]})") +
                                chat_end("stop"));
  EXPECT_EQ(facts.decoded.id, joined({"i", lost}));
  EXPECT_EQ(facts.decoded.model, joined({lost, "m"}));
  EXPECT_EQ(facts.decoded.logprobs_json, joined({"[{\"token\":\"", lost, "\"},{\"token\":\"", lost, "\"}]"}));
  const Outcome failed = answer("openai_chat", event(R"({"error":{"message":"bad \ud83d"}})"));
  EXPECT_EQ(failed.error.value().provider_message, joined({"bad ", lost}));
}

}  // namespace
}  // namespace abstractllm::field_cases
