// SPDX-License-Identifier: Apache-2.0
#include "protocols/part_ends.hpp"

#include <gtest/gtest.h>

#include "protocols/decode_testing.hpp"
#include "protocols/protocols.hpp"

namespace abstractllm {
namespace {

TEST(PartEnds, WaitForAnEventThatIsHandedOut) {
  PartEnds ends;
  Decoded out;
  out.events = {TextDelta{"a"}, PartEnded{PartKind::text, "1"}, PartEnded{PartKind::text, "2"}};
  ends.settle(0, out);
  EXPECT_EQ(out.events, (std::vector<StreamEvent>{TextDelta{"a"}}));
  out.events.emplace_back(PartEnded{PartKind::text, "3"});
  ends.settle(1, out);
  EXPECT_EQ(out.events.size(), 1U);
  out.events.emplace_back(TextDelta{"b"});
  ends.settle(1, out);
  EXPECT_EQ(out.events,
            (std::vector<StreamEvent>{TextDelta{"a"}, PartEnded{PartKind::text, "1"}, PartEnded{PartKind::text, "2"},
                                      PartEnded{PartKind::text, "3"}, TextDelta{"b"}}));
}

/// The kinds of events: "t" a text, "e" the end of a part, "." Finished.
std::string kinds(const Outcome& outcome) {
  std::string kinds;
  for (const StreamEvent& event : outcome.decoded.events)
    kinds += std::holds_alternative<TextDelta>(event)   ? 't'
             : std::holds_alternative<PartEnded>(event) ? 'e'
             : std::holds_alternative<Finished>(event)  ? '.'
                                                        : '?';
  return kinds;
}

TEST(PartEnds, SeparateTheTextBlocksOfAnthropicAndTheMessagesOfResponses) {
  EXPECT_EQ(kinds(decode(*find_protocol("anthropic_messages"),
                         R"({"type":"message","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}],)"
                         R"("stop_reason":"end_turn"})",
                         Delivery::body)),
            "tete.");
  EXPECT_EQ(kinds(decode(*find_protocol("openai_responses"),
                         R"({"status":"completed","output":[)"
                         R"({"type":"message","content":[{"type":"output_text","text":"a"}]},)"
                         R"({"type":"message","content":[{"type":"output_text","text":"b"}]}]})",
                         Delivery::body)),
            "tet.");
}

/// An Anthropic answer with so many redacted blocks of so many bytes.
Outcome redacted(std::size_t count, std::size_t bytes) {
  const std::string block = R"({"type":"redacted_thinking","data":")" + std::string(bytes, 'a') + "\"}";
  std::string body = R"({"type":"message","content":[)";
  for (std::size_t at = 0; at < count; ++at) body += block + ",";
  body += R"({"type":"text","text":"a"}],"stop_reason":"end_turn"})";
  return decode(*find_protocol("anthropic_messages"), body, Delivery::body);
}

std::size_t provider_bytes(const Outcome& outcome) {
  std::size_t sum = 0;
  for (const PartEnded& ended : outcome.all<PartEnded>()) sum += ended.provider_json.size();
  return sum;
}

TEST(PartEnds, LimitProviderDataWithOneWarning) {
  const Outcome few = redacted(100000, 10);
  EXPECT_TRUE(few.all<Warning>().empty());
  EXPECT_EQ(provider_bytes(few), 100000U * 48);
  const Outcome many = redacted(20, std::size_t{1} << 20U);
  ASSERT_EQ(many.all<Warning>().size(), 1U);
  EXPECT_EQ(many.all<Warning>()[0].code, "reasoning_dropped");
  EXPECT_LE(provider_bytes(many), PartEnds::most_provider_bytes);
  EXPECT_GT(provider_bytes(many), PartEnds::most_provider_bytes / 2);
  EXPECT_EQ(many.text(), "a");
}

TEST(PartEnds, LimitTheDataOfCallsToo) {
  const std::string extra = "{\"s\":\"" + std::string(std::size_t{5} << 20U, 'a') + "\"}";
  const std::string call = R"(,"function":{"name":"f","arguments":"{}"},"extra_content":)" + extra + "}";
  const Outcome outcome = decode(*find_protocol("openai_chat"),
                                 R"({"choices":[{"message":{"tool_calls":[{"id":"a")" + call + R"(,{"id":"b")" + call +
                                     R"(]},"finish_reason":"tool_calls"}]})",
                                 Delivery::body);
  const auto calls = outcome.all<ToolCall>();
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(calls[0].provider_data.json(), extra);
  EXPECT_TRUE(calls[1].provider_data.empty());
  EXPECT_EQ(outcome.all<Warning>().size(), 1U);
  EXPECT_TRUE(outcome.finished());
}

TEST(PartEnds, DropProviderDataThatNoRequestCouldCarryBack) {
  for (const std::size_t levels : {PartEnds::most_provider_levels, PartEnds::most_provider_levels + 1}) {
    const std::string nested = std::string(levels - 1, '[') + std::string(levels - 1, ']');
    const Outcome outcome = decode(
        *find_protocol("openai_responses"),
        R"({"status":"completed","output":[{"type":"reasoning","id":"r","summary":[],"encrypted_content":"e","x":)" +
            nested + R"(},{"type":"message","content":[{"type":"output_text","text":"a"}]}]})",
        Delivery::body);
    EXPECT_EQ(outcome.text(), "a");
    const bool fits = levels == PartEnds::most_provider_levels;
    EXPECT_EQ(outcome.all<Warning>().size(), fits ? 0U : 1U);
    EXPECT_EQ(provider_bytes(outcome) > 0, fits);
  }
}

TEST(PartEnds, JoinCharactersThatWereCutInProviderData) {
  const Outcome outcome = decode(
      *find_protocol("anthropic_messages"),
      R"({"type":"message","content":[{"type":"thinking","thinking":"hm","signature":"a\ud83d"}],"stop_reason":"end_turn"})",
      Delivery::body);
  ASSERT_EQ(outcome.all<PartEnded>().size(), 1U);
  EXPECT_EQ(outcome.all<PartEnded>()[0].provider_json, "{\"type\":\"thinking\",\"signature\":\"a\xef\xbf\xbd\"}");
}

}  // namespace
}  // namespace abstractllm
