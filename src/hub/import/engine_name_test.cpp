// SPDX-License-Identifier: Apache-2.0
#include "hub/import/engine_name.hpp"

#include <gtest/gtest.h>

#include "support/checkpoint_files.hpp"

namespace abstractllm {
namespace {

using testing_support::CheckpointFolder;

std::string named(const std::string& name, const std::string& tokens, std::vector<Warning>* warnings = nullptr) {
  const CheckpointFolder folder;
  folder.write("tokenizer.json", R"({"added_tokens": [)" + tokens + "]}");
  std::vector<Warning> found;
  std::string made = engine_name(ModelFolder(folder.path()), name, found).value();
  if (warnings) *warnings = found;
  return made;
}

std::vector<Warning> warnings_of(const std::string& tokens) {
  std::vector<Warning> warnings;
  named("name", tokens, &warnings);
  return warnings;
}

constexpr const char* stripping =
    R"({"id": 0, "content": "<unk>", "special": true, "rstrip": false}, {"id": 1, "content": "<|user|>", "special": true, "rstrip": true})";
constexpr const char* plain = R"({"id": 1, "content": "<|user|>", "special": true, "rstrip": false})";

TEST(EngineName, SaysThatSpecialTokensTakeTheSpaceAfterThem) {
  EXPECT_EQ(named("checkpoint-500", stripping), "phi3 checkpoint-500");
  EXPECT_EQ(named("Phi-3-mini-4k-instruct", stripping), "Phi-3-mini-4k-instruct");
}

TEST(EngineName, DoesNotSayItOfAnotherTokenizer) {
  EXPECT_EQ(named("llama-like-Phi-3-and-phi3", plain), "llama-like-phi-and-phi");
  EXPECT_EQ(named("checkpoint-500", plain), "checkpoint-500");
  EXPECT_EQ(named("phi3", std::string(plain) + "," + stripping), "phi") << "one token does not strip";
  EXPECT_EQ(named("phi3", ""), "phi") << "no tokens";
}

TEST(EngineName, LeavesTheNameOfACheckpointWithoutTokenizerJson) {
  const CheckpointFolder folder;
  std::vector<Warning> warnings;
  EXPECT_EQ(engine_name(ModelFolder(folder.path()), "Phi-3-mini", warnings).value(), "Phi-3-mini");
}

TEST(EngineName, WarnsOfTokensThatTakeBlanksWhereTheEngineDoesNot) {
  EXPECT_EQ(warnings_of(std::string(plain) + "," + stripping).size(), 1U) << "one token does not strip";
  EXPECT_EQ(warnings_of(R"({"id": 1, "content": "<a>", "special": false, "lstrip": true})").size(), 1U);
  EXPECT_EQ(warnings_of(R"({"id": 1, "content": "<a>", "special": true, "single_word": true})").size(), 1U);
  const auto warnings = warnings_of(std::string(stripping) + R"(,{"id": 2, "content": "<b>", "rstrip": true})" +
                                    R"(,{"id": 3, "content": "<c>", "lstrip": true})");
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings[0].code, "import_tokens");
  EXPECT_NE(warnings[0].message.find("2 added tokens, first '<b>'"), std::string::npos) << warnings[0].message;
}

TEST(EngineName, DoesNotWarnOfTokensThatStandForTheirTextsOnly) {
  for (const char* tokens :
       {plain, stripping, R"({"id": 1, "content": "<mask>", "special": true, "lstrip": true})", ""})
    EXPECT_TRUE(warnings_of(tokens).empty()) << tokens;
}

}  // namespace
}  // namespace abstractllm
