// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/tool_list.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "abstractllm/registry.hpp"

namespace abstractllm {
namespace {

std::string error_of(std::string_view json) {
  const auto tools = tools_from_json(json);
  if (tools) return "no error";
  EXPECT_EQ(tools.error().kind, ErrorKind::invalid_argument);
  return tools.error().message;
}

TEST(ToolList, ReadsToolsWithAndWithoutACommand) {
  const auto tools = tools_from_json(R"([
    {"name": "weather_in", "description": "Weather", "parameters": {"type": "object", "properties": {"n": {"type": "number", "maximum": 1.50}}},
     "command": ["weather", "--json", ""], "env": ["WEATHER_KEY"]},
    {"name": "ask_user"}])");
  ASSERT_TRUE(tools) << tools.error().message;
  ASSERT_EQ(tools->size(), 2u);
  const ListedTool& first = tools->front();
  EXPECT_EQ(first.tool.name(), "weather_in");
  EXPECT_EQ(first.tool.description(), "Weather");
  EXPECT_EQ(first.tool.schema_json(),
            R"({"type": "object", "properties": {"n": {"type": "number", "maximum": 1.50}}})");
  EXPECT_FALSE(first.tool.is_runnable());
  EXPECT_EQ(first.command, (std::vector<std::string>{"weather", "--json", ""}));
  EXPECT_EQ(first.env, std::vector<std::string>{"WEATHER_KEY"});
  const ListedTool& second = tools->back();
  EXPECT_EQ(second.tool.schema_json(), R"({"type":"object","properties":{}})");
  EXPECT_TRUE(second.command.empty());
  EXPECT_TRUE(second.env.empty());
}

TEST(ToolList, ReadsTheFormsOfOpenaiAndTheToolsOfAProvider) {
  const auto tools = tools_from_json(R"([
    {"type": "function", "function": {"name": "a", "parameters": {"type": "object"}, "strict": true}, "command": ["a"]},
    {"type": "function", "name": "b", "description": null, "parameters": null, "strict": null},
    {"type": "web_search",  "filters": {"n": 1.0}}, {"type": "web_search_20250305", "name": "web_search"}])");
  ASSERT_TRUE(tools) << tools.error().message;
  ASSERT_EQ(tools->size(), 4u);
  EXPECT_EQ((*tools)[0].tool.name(), "a");
  EXPECT_EQ((*tools)[0].tool.schema_json(), R"({"type": "object"})");
  EXPECT_EQ((*tools)[0].command, std::vector<std::string>{"a"});
  EXPECT_EQ((*tools)[1].tool.name(), "b");
  EXPECT_EQ((*tools)[2].tool.hosted_json(), R"({"type":"web_search","filters":{"n":1.0}})");
  EXPECT_TRUE((*tools)[3].tool.is_hosted());
}

TEST(ToolList, NamesTheEntryAndTheField) {
  struct Row {
    const char* json;
    const char* message;
  };
  const Row rows[] = {
      {"", "the list of tools"},
      {"[{]", "the list of tools"},
      {R"({"name": "a"})", "tools must be a JSON list"},
      {R"([{"name": "a"}, 5])", "tools[1] is not an object"},
      {R"([{"description": "a"}])", "tools[0] has no name"},
      {R"([{"name": ""}])", "tools[0] has no name"},
      {R"([{"name": 7}])", "tools[0] has no name"},
      {R"([{"name": "a", "params": {}}])", "tools[0] has an unknown field 'params'"},
      {R"([{"name": "a", "strict": true}])", "tools[0] has an unknown field 'strict'"},
      {R"([{"name": "a", "description": []}])", "tools[0] ('a') has a description that is not a string"},
      {R"([{"name": "a", "parameters": "x"}])", "tools[0] ('a') has parameters that are not an object"},
      {R"([{"name": "a", "command": "ls"}])", "tools[0] ('a') has a field command that is not a list of strings"},
      {R"([{"name": "a", "command": ["ls", 1]}])", "tools[0] ('a') has a field command that is not a list of strings"},
      {R"([{"name": "a", "command": null}])", "tools[0] ('a') has a field command that is not a list of strings"},
      {R"([{"name": "a", "command": []}])", "tools[0] ('a') has an empty command"},
      {R"([{"name": "a", "command": ["", "x"]}])", "tools[0] ('a') has a command without a program"},
      {R"([{"name": "a", "command": ["x\u0000y"]}])", "tools[0] ('a') has a NUL character in its command"},
      {R"([{"name": "a", "env": ["X"]}])", "tools[0] ('a') has env but no command"},
      {R"([{"name": "a", "command": ["x"], "env": ["X=1"]}])", "tools[0] ('a') has 'X=1' in env"},
      {R"([{"name": "a", "command": ["x"], "env": "X"}])",
       "tools[0] ('a') has a field env that is not a list of strings"},
      {R"([{"name": "a"}, {"name": "a"}])", "tools[1] has the name 'a', which another tool has"},
      {R"([{"type": 1}])", "tools[0] has a type that is not a string"},
      {R"([{"type": "function", "function": []}])", "tools[0] has a function that is not an object"},
      {R"([{"type": "function", "function": {"name": "a", "command": ["x"]}}])",
       "tools[0] has an unknown field 'command'"},
      {R"([{"type": "web_search", "command": ["x"]}])", "tools[0] has a command, but its type is not"},
  };
  for (const Row& row : rows) EXPECT_EQ(error_of(row.json).find(row.message), 0u) << row.json << error_of(row.json);
}

TEST(ToolList, TakesDeepAndLongLists) {
  std::string deep(100'000, '[');
  EXPECT_NE(error_of(deep), "no error");
  std::string many = "[";
  for (int i = 0; i < 5000; ++i) many += (i > 0 ? ",{\"name\":\"t" : "{\"name\":\"t") + std::to_string(i) + "\"}";
  const auto tools = tools_from_json(many + "]");
  ASSERT_TRUE(tools) << tools.error().message;
  EXPECT_EQ(tools->size(), 5000u);
}

TEST(KeyVariables, AreThoseOfAllProvidersAndOfTheHub) {
  const std::vector<std::string> names = key_variables();
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
  for (const char* name : {"OPENAI_API_KEY", "OPENAI_ORG_ID", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "HF_TOKEN",
                           "HUGGING_FACE_HUB_TOKEN", "GEMINI_API_KEY", "AZURE_OPENAI_API_KEY"})
    EXPECT_TRUE(std::binary_search(names.begin(), names.end(), name)) << name;
  EXPECT_FALSE(std::binary_search(names.begin(), names.end(), ""));
}

TEST(Approval, CanEndTheCall) {
  const Approval denied = Approval::deny_and_end("denied");
  EXPECT_FALSE(denied.is_allowed());
  EXPECT_TRUE(denied.ends_call());
  EXPECT_EQ(denied.reason(), "denied");
  EXPECT_FALSE(Approval::deny().ends_call());
  EXPECT_FALSE(Approval::allow().ends_call());
}

}  // namespace
}  // namespace abstractllm
