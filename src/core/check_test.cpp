// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "abstractllm/llm.hpp"
#include "abstractllm/tool.hpp"

namespace abstractllm {
namespace {

std::string summary(const Result<std::vector<Finding>>& findings) {
  std::string text;
  for (const Finding& each : findings.value())
    text += std::string(to_string(each.action)) + " " + each.code + " " + each.option + "\n";
  return text;
}

TEST(Check, FindsNothingInACallThatIsSentAsItIs) {
  const auto model = create_llm("openai", Options().api_key("k").model("gpt-4.1"));
  EXPECT_EQ(summary(model->check("Hi", Options().temperature(0.5))), "");
}

TEST(Check, ListsWhatIsDropped) {
  const auto model = create_llm("openai", Options().api_key("k").model("gpt-4.1"));
  const Options options = Options().top_k(3).seed(1).strict(true);
  EXPECT_EQ(summary(model->check("Hi", options)), "dropped option_ignored top_k\ndropped option_ignored seed\n");
  EXPECT_FALSE(model->encode("Hi", options));
}

TEST(Check, ListsWhatIsRefusedAfterWhatIsDropped) {
  const auto model = create_llm("ollama", Options().model("m"));
  const auto findings = model->check({Message::user("a"), Message::user("\xff")}, Options().threads(2));
  EXPECT_EQ(summary(findings), "dropped option_ignored threads\nrefused invalid_argument \n");
  EXPECT_EQ(findings->at(1).message_index, 1u);
  EXPECT_EQ(to_json(findings->at(0)), R"({"action":"dropped","code":"option_ignored","message":")" +
                                          findings->at(0).message + R"(","option":"threads"})");
}

TEST(Check, NamesAMissingKey) {
  const auto model = create_llm("mistral", Options().model("m").base_url("http://there.invalid/v1"));
  EXPECT_EQ(summary(model->check("Hi")), "refused not_configured \n");
}

TEST(Check, NamesAMissingKeyWhateverElseIsWrong) {
  const auto model = create_llm("mistral", Options().model("m").base_url("http://there.invalid/v1"));
  EXPECT_EQ(summary(model->check("")), "refused invalid_argument \nrefused not_configured \n");
  EXPECT_EQ(summary(model->check("Hi", Options().tools({Tool::declared("a b", "", "{}")}))),
            "refused invalid_argument tools\nrefused not_configured \n");
}

TEST(Check, NamesTheOptionToolsOfWhatIsWrongWithATool) {
  const std::string refused = "refused invalid_argument tools\n";
  const auto openai = create_llm("openai", Options().api_key("k").model("gpt-4.1"));
  const auto found = [&](std::vector<Tool> tools) {
    return summary(openai->check("Hi", Options().tools(std::move(tools))));
  };
  EXPECT_EQ(found({Tool::declared("a b", "", "{}")}), refused);
  EXPECT_EQ(found({Tool::declared("", "", "{}")}), refused);
  EXPECT_EQ(found({Tool::declared("a", "\xff", "{}")}), refused);
  EXPECT_EQ(found({Tool::declared("a", "", R"({"if": true})")}), refused);
  EXPECT_EQ(found({Tool::declared("a", "", R"({"type": "string"})")}), refused);
  EXPECT_EQ(found({Tool::raw("a", "", "{}", nullptr)}), refused);
  EXPECT_EQ(found({Tool::declared("a", "", "{}"), Tool::declared("a", "", "{}")}), refused);
  EXPECT_EQ(found({Tool::hosted("[]")}), refused);
  EXPECT_EQ(found(std::vector<Tool>(129, Tool::hosted("{}"))), refused);
  const auto ollama = create_llm("ollama", Options().model("m"));
  EXPECT_EQ(summary(ollama->check("Hi", Options().tools({Tool::declared("\xff", "", "{}")}))), refused);
  const auto gemini = create_llm("gemini", Options().api_key("k").model("m"));
  const Tool open = Tool::declared("a", "", R"({"type": "object", "additionalProperties": {}})");
  EXPECT_EQ(summary(gemini->check("Hi", Options().tools({open}))), "changed schema_keyword_removed tools\n");
  const auto chat = create_llm("openai", Options().api_key("k").protocol("openai_chat").model("gpt-6-astra"));
  EXPECT_NE(summary(chat->check("Hi", Options().tools({open}))).find(" tools_refused_by_chat tools\n"),
            std::string::npos);
}

TEST(Check, NamesTheOptionOfAChoiceOfTools) {
  const auto model = create_llm("openai", Options().api_key("k").model("gpt-4.1"));
  EXPECT_EQ(summary(model->check("Hi", Options().tools({Tool::declared("a", "", "{}")}).tool_choice("b"))),
            "refused invalid_argument tool_choice\n");
  EXPECT_EQ(summary(model->check("Hi", Options().tool_choice("a").parallel_tool_calls(true))),
            "dropped option_ignored tool_choice\ndropped option_ignored parallel_tool_calls\n");
}

TEST(Check, SaysWhereHostedToolsAreNotSent) {
  const Options hosted = Options().tools({Tool::hosted(R"({"type": "web_search"})")});
  for (const char* provider : {"llama_server", "ollama"}) {
    const auto model = create_llm(provider, Options().model("m"));
    EXPECT_EQ(summary(model->check("Hi", hosted)), "dropped option_ignored tools\n") << provider;
    EXPECT_EQ(model->request("Hi", hosted)->body.find("web_search"), std::string::npos) << provider;
    EXPECT_FALSE(model->request("Hi", Options(hosted).strict(true))) << provider;
  }
}

TEST(Check, NamesTheMessageThatIsEmpty) {
  const auto model = create_llm("ollama", Options().model("m"));
  EXPECT_EQ(model->check("")->at(0).message_index, 0u);
  EXPECT_EQ(model->check({Message::user("a"), Message::user("")})->at(0).message_index, 1u);
}

}  // namespace
}  // namespace abstractllm
