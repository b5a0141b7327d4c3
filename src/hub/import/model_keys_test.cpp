// SPDX-License-Identifier: Apache-2.0
#include "hub/import/model_keys.hpp"

#include <gtest/gtest.h>

#include "support/checkpoint_files.hpp"

namespace abstractllm {
namespace {

using testing_support::CheckpointFolder;

std::vector<std::pair<std::string, GgufValue>> sampling_of(const std::string& text, std::size_t warnings = 0) {
  const CheckpointFolder folder;
  folder.write("generation_config.json", text);
  GgufModel model;
  std::vector<Warning> found;
  add_sampling(ModelFolder(folder.path()), model, found);
  EXPECT_EQ(found.size(), warnings) << text;
  std::vector<std::pair<std::string, GgufValue>> entries;
  for (const auto& [key, value] : model.entries) entries.emplace_back(key, value);
  return entries;
}

TEST(ModelKeys, RecommendSampling) {
  using Entries = std::vector<std::pair<std::string, GgufValue>>;
  EXPECT_EQ(
      sampling_of(R"({"temperature": 0.5, "top_k": 20, "top_p": 0.75, "repetition_penalty": 1.5, "min_p": null})"),
      (Entries{{"general.sampling.top_k", 20},
               {"general.sampling.top_p", 0.75F},
               {"general.sampling.temp", 0.5F},
               {"general.sampling.penalty_repeat", 1.5F}}));
}

TEST(ModelKeys, WarnAboutRecommendationsWithoutSense) {
  EXPECT_TRUE(sampling_of("{", 1).empty());
  EXPECT_TRUE(sampling_of(R"({"temperature": "hot"})", 1).empty());
  EXPECT_EQ(sampling_of(R"({"top_k": 1.5, "top_p": 0.5})", 1).size(), 1U);
  EXPECT_TRUE(sampling_of("[]").empty());
}

/// The pooling type, or -1 without one, or the error.
std::string pooling_of(const CheckpointFolder& folder) {
  const Json none = Json::object();
  ModelConfig config(none, "config.json");
  ModelSizes sizes;
  GgufModel model;
  std::vector<Warning> warnings;
  ImportDraft draft{config, sizes, model, warnings, "BertModel", "bert"};
  const bool found = add_pooling(ModelFolder(folder.path()), draft);
  if (config.error()) return config.error()->message;
  EXPECT_EQ(found, !model.entries.empty());
  return found ? std::to_string(std::get<std::uint32_t>(model.entries[0].value)) : "none";
}

TEST(ModelKeys, PoolAsTheModulesSay) {
  const CheckpointFolder folder;
  EXPECT_EQ(pooling_of(folder), "none");
  folder.write("modules.json",
               R"([{"type": "a.Transformer", "path": ""}, {"type": "b.Pooling", "path": "1_Pooling"}])");
  folder.write("1_Pooling/config.json", R"({"pooling_mode_mean_tokens": true, "pooling_mode_cls_token": false})");
  EXPECT_EQ(pooling_of(folder), "1");
  folder.write("1_Pooling/config.json", R"({"pooling_mode": "lasttoken", "include_prompt": true})");
  EXPECT_EQ(pooling_of(folder), "3");
}

TEST(ModelKeys, RefusePoolingThatTheEngineLacks) {
  const CheckpointFolder folder;
  folder.write("modules.json", R"([{"type": "b.Pooling", "path": "1_Pooling"}])");
  for (const char* pooling : {R"({"pooling_mode_max_tokens": true})", "{}", "[]", R"({"pooling_mode_cls_token": 7})",
                              R"({"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": true})",
                              R"({"pooling_mode": "mean", "include_prompt": false})"}) {
    folder.write("1_Pooling/config.json", pooling);
    EXPECT_NE(pooling_of(folder).find("1_Pooling/config.json"), std::string::npos) << pooling;
  }
  folder.write("modules.json", R"([{"type": "b.Dense", "path": "2_Dense"}])");
  EXPECT_NE(pooling_of(folder).find("Dense"), std::string::npos);
  folder.write("modules.json", R"([{"type": "b.WeightedLayerPooling", "path": "1"}])");
  EXPECT_NE(pooling_of(folder).find("WeightedLayerPooling"), std::string::npos);
  folder.write("modules.json", R"([{"type": "b.Pooling", "path": "../x"}])");
  EXPECT_NE(pooling_of(folder).find("no path inside"), std::string::npos);
}

TEST(ModelKeys, NameTheRepositoryOfASnapshot) {
  EXPECT_EQ(model_name(ModelFolder("/c/models--HuggingFaceTB--SmolLM2-135M/snapshots/0123")), "SmolLM2-135M");
  EXPECT_EQ(model_name(ModelFolder("/models/my-model/")), "my-model");
  EXPECT_EQ(model_name(ModelFolder("/")), "model");
}

TEST(ModelKeys, CountParameters) {
  const auto label = [](std::vector<std::vector<std::int64_t>> shapes, const std::string& name) {
    std::vector<GgufTensor> tensors;
    for (auto& shape : shapes) tensors.push_back({name, TensorType::f16, std::move(shape), {}});
    return size_label(tensors);
  };
  EXPECT_EQ(label({{1000, 134'515}}, "a"), "135M");
  EXPECT_EQ(label({{1000, 1000, 1235}}, "a"), "1.2B");
  EXPECT_EQ(label({{480}}, "a"), "0.48K");
  EXPECT_EQ(label({{1000, 7000, 8}}, "blk.0.ffn_up_exps.weight"), "8x7.0M");
}

}  // namespace
}  // namespace abstractllm
