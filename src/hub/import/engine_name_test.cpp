// SPDX-License-Identifier: Apache-2.0
#include "hub/import/engine_name.hpp"

#include <gtest/gtest.h>

#include "support/checkpoint_files.hpp"

namespace abstractllm {
namespace {

using testing_support::CheckpointFolder;

std::string named(const std::string& name, const std::string& tokens) {
  const CheckpointFolder folder;
  folder.write("tokenizer.json", R"({"added_tokens": [)" + tokens + "]}");
  return engine_name(ModelFolder(folder.path()), name).value();
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
  EXPECT_EQ(engine_name(ModelFolder(folder.path()), "Phi-3-mini").value(), "Phi-3-mini");
}

}  // namespace
}  // namespace abstractllm
