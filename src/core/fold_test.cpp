// SPDX-License-Identifier: Apache-2.0
#include "core/fold.hpp"

#include <gtest/gtest.h>

#include <ctime>

#include "abstractllm/message.hpp"

namespace abstractllm {
namespace {

Response folded(const std::vector<StreamEvent>& events) {
  Response response;
  Fold fold;
  for (const StreamEvent& event : events) fold.add(event, response);
  fold.finish(response);
  return response;
}

ProviderData data(std::string json) { return {{}, {}, {}, {}, std::move(json)}; }

Part with_data(Text text, std::string json) {
  text.provider_data = data(std::move(json));
  return text;
}

TEST(Fold, KeepsTheOrderOfPartsAndJoinsNeighbours) {
  const Response response =
      folded({ReasoningDelta{"hm"}, ReasoningDelta{" so"}, TextDelta{"a"}, ToolCallStarted{"1", "f"}, TextDelta{"b"},
              TextDelta{"c"}, ToolCallDelta{"1", "{}"}, ToolCall{"1", "f", "{}"}, ReasoningDelta{"!"}});
  EXPECT_EQ(response.parts,
            (std::vector<Part>{Reasoning("hm so"), "a", ToolCall("1", "f", "{}"), "bc", Reasoning("!")}));
  EXPECT_EQ(response.text, "abc");
  EXPECT_EQ(response.reasoning, "hm so!");
  EXPECT_EQ(response.tool_calls, (std::vector<ToolCall>{{"1", "f", "{}"}}));
}

TEST(Fold, PutsAToolCallWhereItBegan) {
  const Response response = folded({ToolCallStarted{"1", "f"}, ToolCallStarted{"2", "g"}, ToolCall{"2", "g", "{}"},
                                    ToolCall{"3", "h", "[]"}, ToolCall{"1", "f", "1"}});
  EXPECT_EQ(response.parts,
            (std::vector<Part>{ToolCall("1", "f", "1"), ToolCall("2", "g", "{}"), ToolCall("3", "h", "[]")}));
  EXPECT_EQ(response.tool_calls[0].id, "2");
}

TEST(Fold, MarksACallThatOnlyBeganAsIncomplete) {
  const Response response =
      folded({TextDelta{"a"}, ToolCallStarted{"1", "f"}, ToolCallDelta{"1", "{\"a"}, ToolCallDelta{"1", "\":"}});
  EXPECT_EQ(response.parts, (std::vector<Part>{"a", ToolCall("1", "f", "{\"a\":", true)}));
  EXPECT_TRUE(response.tool_calls.empty());
}

TEST(Fold, EndsAPartWhereTheProviderDid) {
  const Response response = folded({TextDelta{"a"}, PartEnded{PartKind::text, ""}, TextDelta{"b"}});
  EXPECT_EQ(response.parts, (std::vector<Part>{"a", "b"}));
  EXPECT_EQ(response.text, "ab");
}

TEST(Fold, GivesProviderDataToTheLatestOpenPartOfItsKind) {
  const Response response =
      folded({ReasoningDelta{"one"}, TextDelta{"a"}, PartEnded{PartKind::reasoning, "1"}, ReasoningDelta{"two"},
              PartEnded{PartKind::text, "2"}, PartEnded{PartKind::reasoning, ""}, ReasoningDelta{"three"}});
  EXPECT_EQ(response.parts, (std::vector<Part>{Reasoning("one", data("1")), with_data("a", "2"), Reasoning("two"),
                                               Reasoning("three")}));
}

TEST(Fold, MakesAPartWithoutTextForDataThatHasNone) {
  const Response response =
      folded({PartEnded{PartKind::reasoning, "1"}, PartEnded{PartKind::reasoning, "2"}, PartEnded{PartKind::text, ""},
              TextDelta{"a"}, PartEnded{PartKind::text, ""}, PartEnded{PartKind::reasoning, "3"}});
  EXPECT_EQ(response.parts,
            (std::vector<Part>{Reasoning("", data("1")), Reasoning("", data("2")), "a", Reasoning("", data("3"))}));
}

TEST(Fold, TakesLinearTimeForWhateverAServerSends) {
  const auto seconds = [](std::size_t n) {
    std::vector<StreamEvent> events;
    for (std::size_t at = 0; at < n; ++at) {
      events.emplace_back(TextDelta{"a"});
      events.emplace_back(PartEnded{PartKind::reasoning, "1"});
      events.emplace_back(ToolCallStarted{std::to_string(at), "f"});
      events.emplace_back(ToolCallStarted{"same", "f"});
      events.emplace_back(ToolCallDelta{"same", "a"});
      events.emplace_back(ToolCall{std::to_string(at), "f", "{}"});
    }
    const std::clock_t begin = std::clock();
    EXPECT_EQ(folded(events).parts.size(), 3 * n + 1);
    return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  };
  const double few = std::min({seconds(1000), seconds(1000), seconds(1000)});
  EXPECT_LT(seconds(10000), 45 * few);
}

TEST(Fold, DoesNotMakeEventsMuchLarger) {
  // Each call passes events through a list of 64, so they are not larger than a result of a tool.
  EXPECT_LE(sizeof(StreamEvent), sizeof(std::string) * 3 + 10 * sizeof(void*));
}

TEST(ProviderDataValue, ComparesByWhatItHolds) {
  const ProviderData one("p", "w", "h", "m", "{}");
  EXPECT_EQ(one, ProviderData("p", "w", "h", "m", "{}"));
  for (const ProviderData& other : {ProviderData("x", "w", "h", "m", "{}"), ProviderData("p", "x", "h", "m", "{}"),
                                    ProviderData("p", "w", "x", "m", "{}"), ProviderData("p", "w", "h", "x", "{}"),
                                    ProviderData("p", "w", "h", "m", "[]"), ProviderData()})
    EXPECT_NE(one, other);
  EXPECT_TRUE(ProviderData("p", "w", "h", "m", "").empty());
}

TEST(Message, OfAnAnswerHasItsParts) {
  Response response = folded({ReasoningDelta{"hm"}, TextDelta{"a"}, ToolCall{"1", "f", "{}"}});
  const Message message = Message::assistant(response);
  EXPECT_EQ(message.parts(), response.parts);
  EXPECT_EQ(message.text(), "a");
  response.parts.clear();
  EXPECT_EQ(Message::assistant(response), Message::assistant("a"));
  EXPECT_EQ(Message::user({Image("a.png"), "or", std::string("b"), std::string_view("c")}).text(), "orbc");
}

}  // namespace
}  // namespace abstractllm
