// SPDX-License-Identifier: Apache-2.0
#include "protocols/sent_call_ids.hpp"

#include <gtest/gtest.h>

#include <set>

namespace abstractllm {
namespace {

std::vector<Message> calling(const std::vector<std::string>& ids) {
  std::vector<Part> calls;
  std::vector<ToolResult> results;
  for (const std::string& id : ids) {
    calls.emplace_back(ToolCall(id, "f", "{}"));
    results.emplace_back(id, "f", "r");
  }
  return {Message::assistant(calls), Message::tool(results)};
}

std::string one(const std::string& id, CallIdForm form) { return std::string(SentCallIds(calling({id}), form).of(id)); }

TEST(SentCallIds, KeepWhatTheServerTakes) {
  EXPECT_EQ(one("abcDEF019", CallIdForm::nine), "abcDEF019");
  EXPECT_EQ(one("functions.x:0", CallIdForm::any), "functions.x:0");
  EXPECT_EQ(one("", CallIdForm::any), "");
  EXPECT_EQ(one("functions.x:0", CallIdForm::at_most_64), "functions.x:0");
  EXPECT_EQ(one(std::string(64, 'a'), CallIdForm::at_most_64), std::string(64, 'a'));
  EXPECT_EQ(one("toolu_01-A", CallIdForm::word), "toolu_01-A");
}

TEST(SentCallIds, ReplaceTheRestAlwaysByTheSame) {
  EXPECT_EQ(one("functions.x:0", CallIdForm::nine), one("functions.x:0", CallIdForm::nine));
  const std::string nine = one("functions.x:0", CallIdForm::nine);
  EXPECT_EQ(nine.size(), 9u);
  EXPECT_EQ(one(nine, CallIdForm::nine), nine) << "it is of the form";
  const std::string word = one("functions.x:0", CallIdForm::word);
  EXPECT_EQ(one(word, CallIdForm::word), word);
  EXPECT_LE(one(std::string(65, 'a'), CallIdForm::at_most_64).size(), 64u);
  EXPECT_LE(one(std::string(41, 'a'), CallIdForm::at_most_40).size(), 40u);
  EXPECT_NE(one("", CallIdForm::word), "");
  SentCallIds longer(calling({"functions.x:0", "functions.y:1", "call_1"}), CallIdForm::nine);
  EXPECT_EQ(longer.of("functions.x:0"), nine) << "a longer conversation keeps its prompt cache";
}

TEST(SentCallIds, NeverMakeTwoIdsOne) {
  std::vector<std::string> ids = {one("call_1", CallIdForm::nine)};  // somebody else has the replacement already
  for (int number = 0; number < 2000; ++number) ids.push_back("call_" + std::to_string(number));
  const SentCallIds sent(calling(ids), CallIdForm::nine);
  std::set<std::string_view> distinct;
  for (const std::string& id : ids) {
    EXPECT_EQ(sent.of(id).size(), 9u);
    distinct.insert(sent.of(id));
  }
  EXPECT_EQ(distinct.size(), ids.size());
  EXPECT_EQ(sent.of(ids[0]), ids[0]);
}

}  // namespace
}  // namespace abstractllm
