// SPDX-License-Identifier: Apache-2.0
#include "hub/checkpoint_files.hpp"

#include <gtest/gtest.h>

namespace abstractllm {
namespace {

using Names = std::vector<std::string>;

TEST(CheckpointFiles, AreWeightsConfigurationAndTokenizer) {
  const auto files = choose_checkpoint({".gitattributes", "README.md", "chat_template.jinja", "config.json",
                                        "consolidated.safetensors", "model.safetensors", "onnx/model.onnx",
                                        "pytorch_model.bin", "tokenizer.json", "1_Pooling/config.json", "tf_model.h5"});
  ASSERT_TRUE(files);
  EXPECT_EQ(files->small, (Names{"chat_template.jinja", "config.json", "tokenizer.json", "1_Pooling/config.json"}));
  EXPECT_EQ(files->weights, Names{"model.safetensors"});
  EXPECT_FALSE(files->has_index);
}

TEST(CheckpointFiles, LeaveTheWeightsToTheIndex) {
  const auto files =
      choose_checkpoint({"config.json", "model-00001-of-00001.safetensors", std::string(checkpoint_index)});
  ASSERT_TRUE(files);
  EXPECT_TRUE(files->has_index);
  EXPECT_EQ(files->weights, Names{});
  // As in transformers, one file wins over an index.
  const auto both = choose_checkpoint({"config.json", "model.safetensors", std::string(checkpoint_index)});
  ASSERT_TRUE(both);
  EXPECT_FALSE(both->has_index);
  EXPECT_EQ(both->small, Names{"config.json"});
}

TEST(CheckpointFiles, AreNoneWithoutConfigurationOrWeights) {
  EXPECT_FALSE(choose_checkpoint({"model.safetensors", "tokenizer.json"}));
  EXPECT_FALSE(choose_checkpoint({"config.json", "pytorch_model.bin"}));
  EXPECT_FALSE(choose_checkpoint({"config.json", "unet/model.safetensors"}));
  EXPECT_FALSE(choose_checkpoint({}));
}

TEST(CheckpointFiles, OfAnIndexAreListedOnce) {
  const auto names =
      weights_of_index(R"({"weight_map": {"a": "y.safetensors", "b": "x.safetensors", "c": "y.safetensors"}})");
  ASSERT_TRUE(names) << names.error().message;
  EXPECT_EQ(*names, (Names{"x.safetensors", "y.safetensors"}));
}

TEST(CheckpointFiles, OfAHostileIndexAreRefused) {
  for (const char* text :
       {"", "[]", "{}", R"({"weight_map": {}})", R"({"weight_map": []})", R"({"weight_map": {"a": 1}})",
        R"({"weight_map": {"a": "../x.safetensors"}})", R"({"weight_map": {"a": "/x.safetensors"}})",
        R"({"weight_map": {"a": "x.bin"}})", R"({"weight_map": {"a": ""}})"}) {
    const auto names = weights_of_index(text);
    ASSERT_FALSE(names) << text;
    EXPECT_EQ(names.error().kind, ErrorKind::engine_failed) << text;
    EXPECT_NE(names.error().message.find("model.safetensors.index.json"), std::string::npos);
  }
}

}  // namespace
}  // namespace abstractllm
