// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "abstractllm/llm.hpp"

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

}  // namespace
}  // namespace abstractllm
