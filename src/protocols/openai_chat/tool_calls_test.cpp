// SPDX-License-Identifier: Apache-2.0
#include "protocols/openai_chat/tool_calls.hpp"

#include <gtest/gtest.h>

#include "protocols/openai_chat/decode_testing.hpp"

namespace abstractllm::openai_chat {
namespace {

/// Decodes one chunk for each list of tool call deltas, then the end.
Outcome decode_deltas(const std::vector<std::string>& lists) {
  std::string bytes;
  for (const std::string& list : lists)
    bytes += R"(data: {"choices":[{"index":0,"delta":{"tool_calls":)" + list + "}}]}\n\n";
  return decode(
      bytes + "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\ndata: [DONE]\n\n");
}

using Calls = std::vector<ToolCall>;

Calls calls_of(const std::vector<std::string>& lists) { return decode_deltas(lists).all<ToolCall>(); }

TEST(ToolCalls, AreAnnouncedGrowAndComeWholeBeforeTheEnd) {
  const Outcome outcome =
      decode_deltas({R"([{"index":0,"id":"a","function":{"name":"f","arguments":""}}])",
                     R"([{"index":0,"function":{"arguments":"{"}}])", R"([{"index":0,"function":{"arguments":"}"}}])"});
  const std::vector<StreamEvent> expected = {ToolCallStarted{"a", "f"}, ToolCallDelta{"a", "{"},
                                             ToolCallDelta{"a", "}"}, ToolCall{"a", "f", "{}"},
                                             Finished{FinishReason::tool_calls, "tool_calls", {}}};
  EXPECT_EQ(outcome.decoded.events, expected);
}

TEST(ToolCalls, GoByIdEvenWhereAllHaveIndexZero) {
  EXPECT_EQ(calls_of({R"([{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":1}"}}])",
                      R"([{"index":0,"id":"b","function":{"name":"f","arguments":"{\"x\":2}"}}])"}),
            (Calls{{"a", "f", R"({"x":1})"}, {"b", "f", R"({"x":2})"}}));
}

TEST(ToolCalls, GoByIndexWithoutAnId) {
  EXPECT_EQ(calls_of({R"([{"index":1,"id":"a","function":{"name":"f"}},{"index":2,"id":"b","function":{"name":"g"}}])",
                      R"([{"index":2,"function":{"arguments":"2"}},{"index":1,"function":{"arguments":"1"}}])"}),
            (Calls{{"a", "f", "1"}, {"b", "g", "2"}}));
}

TEST(ToolCalls, GoToTheLastOneWithoutIdAndIndex) {
  EXPECT_EQ(calls_of({R"([{"id":"a","function":{"name":"f","arguments":"{}"}}])",
                      R"([{"id":"b","function":{"name":"g","arguments":"{"}}])",
                      R"([{"function":{"name":"","arguments":"}"}}])"}),
            (Calls{{"a", "f", "{}"}, {"b", "g", "{}"}}));
}

TEST(ToolCalls, TakeARepeatedIdAndNameForTheSameCall) {
  EXPECT_EQ(calls_of({R"([{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\""}}])",
                      R"([{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":":1}"}}])"}),
            (Calls{{"a", "f", R"({"x":1})"}}));
  EXPECT_EQ(calls_of({R"([{"index":0,"function":{"name":"f","arguments":"{\"x\""}}])",
                      R"([{"index":0,"function":{"name":"f","arguments":":1}"}}])"}),
            (Calls{{"call_0", "f", R"({"x":1})"}}));
}

TEST(ToolCalls, TakeANameAfterWholeArgumentsForAnotherCall) {
  const Calls expected = {{"call_0", "f", "{}"}, {"call_1", "f", R"({"x":1})"}};
  EXPECT_EQ(calls_of({R"([{"function":{"name":"f","arguments":"{}"}}])",
                      R"([{"function":{"name":"f","arguments":"{\"x\":1}"}}])"}),
            expected);
  EXPECT_EQ(calls_of({R"([{"index":0,"function":{"name":"f","arguments":"{}"}}])",
                      R"([{"index":0,"function":{"name":"f","arguments":"{\"x\":1}"}}])"}),
            expected);
  EXPECT_EQ(calls_of({R"([{"function":{"name":"f"}},{"function":{"name":"g"}}])"}),
            (Calls{{"call_0", "f", ""}, {"call_1", "g", ""}}));
}

TEST(ToolCalls, KeepTheirFirstIdWhereTheProviderGivesOneLate) {
  const Outcome outcome = decode_deltas({R"([{"index":0,"function":{"name":"f","arguments":"{"}}])",
                                         R"([{"index":0,"id":"late","function":{"arguments":"\"x\":"}}])",
                                         R"([{"id":"late","function":{"arguments":"1}"}}])"});
  EXPECT_EQ(outcome.all<ToolCall>(), (Calls{{"call_0", "f", R"({"x":1})"}}));
  EXPECT_EQ(outcome.all<ToolCallDelta>().size(), 3U);
}

TEST(ToolCalls, StayOneWhereTheLateIdComesWithTheNameAgain) {
  EXPECT_EQ(calls_of({R"([{"index":0,"function":{"name":"f","arguments":"{"}}])",
                      R"([{"index":0,"id":"late","function":{"name":"f","arguments":"}"}}])"}),
            (Calls{{"call_0", "f", "{}"}}));
  EXPECT_EQ(calls_of({R"([{"index":0,"function":{"name":"f","arguments":"{}"}}])",
                      R"([{"index":0,"id":"other","function":{"name":"f","arguments":"{}"}}])"}),
            (Calls{{"call_0", "f", "{}"}, {"other", "f", "{}"}}));
}

TEST(ToolCalls, StayOneWhereEachFragmentHasANewId) {
  EXPECT_EQ(calls_of({R"([{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}])",
                      R"([{"index":0,"id":"b","function":{"arguments":"}"}}])"}),
            (Calls{{"a", "f", "{}"}}));
}

TEST(ToolCalls, WaitForTheirName) {
  const Outcome outcome = decode_deltas({R"([{"index":0,"id":"a","function":{"arguments":"{"}}])",
                                         R"([{"index":0,"function":{"name":"f","arguments":"}"}}])"});
  const std::vector<StreamEvent> expected = {ToolCallStarted{"a", "f"}, ToolCallDelta{"a", "{}"},
                                             ToolCall{"a", "f", "{}"},
                                             Finished{FinishReason::tool_calls, "tool_calls", {}}};
  EXPECT_EQ(outcome.decoded.events, expected);
}

TEST(ToolCalls, AreShownEvenWhereNoNameEverComes) {
  EXPECT_EQ(calls_of({R"([{"index":0,"id":"a","function":{"arguments":"{}"}}])"}), (Calls{{"a", "", "{}"}}));
}

TEST(ToolCalls, KeepArgumentsThatAreCutAsTheyAre) {
  EXPECT_EQ(calls_of({R"([{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\": [1,"}}])"}),
            (Calls{{"a", "f", R"({"x": [1,)", true}}));
}

TEST(ToolCalls, TakeArgumentsThatAreAnObject) {
  EXPECT_EQ(calls_of({R"([{"id":"a","function":{"name":"f","arguments":{"x": [1, "é"]}}}])"}),
            (Calls{{"a", "f", R"({"x":[1,"é"]})"}}));
}

TEST(ToolCalls, TakeCustomToolsAndTheOldFunctionCall) {
  EXPECT_EQ(calls_of({R"([{"index":0,"id":"a","type":"custom","custom":{"name":"sql","input":"select 1"}}])"}),
            (Calls{{"a", "sql", "select 1"}}));
  const Outcome old = decode(
      "data: {\"choices\":[{\"delta\":{\"function_call\":{\"name\":\"f\",\"arguments\":\"{\"}}}]}\n\n"
      "data: "
      "{\"choices\":[{\"delta\":{\"function_call\":{\"arguments\":\"}\"}},\"finish_reason\":\"function_call\"}]}\n\n");
  EXPECT_EQ(old.all<ToolCall>(), (Calls{{"call_0", "f", "{}"}}));
}

TEST(ToolCalls, InABodyAreOneForEachElement) {
  const Outcome outcome =
      decode(R"({"choices":[{"index":0,"message":{"tool_calls":[{"function":{"name":"f","arguments":""}},)"
             R"({"id":"b","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}]})");
  EXPECT_EQ(outcome.all<ToolCall>(), (Calls{{"call_0", "f", ""}, {"b", "f", "{}"}}));
}

TEST(ToolCalls, DoNotMakeAnAnswerWholeWhileTheirArgumentsAreCut) {
  const std::string usage = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}}\n\ndata: [DONE]\n\n";
  const std::string cut =
      R"(data: {"choices":[{"delta":{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{"}}]}}]})";
  EXPECT_TRUE(decode(cut + "\n\n" + usage).error);
}

}  // namespace
}  // namespace abstractllm::openai_chat
