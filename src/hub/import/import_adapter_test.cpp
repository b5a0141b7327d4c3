// SPDX-License-Identifier: Apache-2.0
#include "hub/import/import_adapter.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/json.hpp"
#include "support/checkpoint_files.hpp"

namespace abstractllm {
namespace {

using testing_support::CheckpointFolder;
using testing_support::counting;
using testing_support::FileTensor;
using testing_support::read_floats;
using testing_support::safetensors_text;

const std::string layer = "base_model.model.model.layers.0.";

std::vector<FileTensor> query_factors() {
  return {counting(layer + "self_attn.q_proj.lora_A.weight", {2, 8}),
          counting(layer + "self_attn.q_proj.lora_B.weight", {8, 2})};
}

/// Imports for a Llama with one block, eight wide, with one head of eight.
Result<GgufModel> adapter_of(const std::vector<FileTensor>& tensors, std::string_view patch = "{}",
                             const CheckpointFolder& folder = CheckpointFolder(), const std::string& more = "") {
  folder.write("base/config.json", std::string() +
                                       R"({"architectures": ["LlamaForCausalLM"], "vocab_size": 5, "hidden_size": 8,
    "intermediate_size": 3, "num_hidden_layers": 1, "num_attention_heads": 1)" +
                                       more + "}");
  Json settings = Json::parse(R"({"peft_type": "LORA", "r": 2, "lora_alpha": 16, "bias": "none", "use_dora": false,
    "modules_to_save": null, "alpha_pattern": {}, "rank_pattern": {}})");
  settings.merge_patch(Json::parse(patch));
  folder.write("adapter/adapter_config.json", settings.dump());
  folder.write("adapter/adapter_model.safetensors", safetensors_text(tensors));
  return import_adapter(ModelFolder(folder.path() / "adapter"), ModelFolder(folder.path() / "base"));
}

float alpha_of(const Result<GgufModel>& adapter) {
  if (adapter)
    for (const GgufEntry& entry : adapter->entries)
      if (entry.key == "adapter.lora.alpha") return std::get<float>(entry.value);
  return -1;
}

TEST(ImportAdapter, WritesTheFactorsUnderTheEnginesNames) {
  const auto adapter = adapter_of(query_factors());
  ASSERT_TRUE(adapter) << adapter.error().message;
  ASSERT_EQ(adapter->tensors.size(), 2U);
  EXPECT_EQ(adapter->tensors[0].name, "blk.0.attn_q.weight.lora_a");
  EXPECT_EQ(adapter->tensors[0].sizes, (std::vector<std::int64_t>{8, 2}));
  EXPECT_EQ(adapter->tensors[1].name, "blk.0.attn_q.weight.lora_b");
  EXPECT_EQ(read_floats(adapter->tensors[1]),
            (std::vector<float>{0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15}));
  EXPECT_EQ(adapter->entries[1].value, GgufValue(std::string("adapter")));
}

TEST(ImportAdapter, ScalesAsTheAdapterSays) {
  EXPECT_EQ(alpha_of(adapter_of(query_factors())), 16.0F);
  // The engine divides by the rank, and this kind by its root.
  EXPECT_FLOAT_EQ(alpha_of(adapter_of(query_factors(), R"({"use_rslora": true})")), 16 * std::sqrt(2.0F));
}

TEST(ImportAdapter, PutsTheAlphaOfAModuleIntoItsSecondFactor) {
  auto tensors = query_factors();
  tensors.push_back(counting(layer + "mlp.up_proj.lora_A.weight", {2, 8}));
  tensors.push_back(counting(layer + "mlp.up_proj.lora_B.weight", {3, 2}));
  const CheckpointFolder kept;
  const auto adapter = adapter_of(tensors, R"({"alpha_pattern": {"up_proj": 40, "proj": 1}})", kept);
  ASSERT_TRUE(adapter) << adapter.error().message;
  EXPECT_EQ(alpha_of(adapter), 16.0F);
  EXPECT_EQ(read_floats(adapter->tensors[3]), (std::vector<float>{0, 2.5F, 5, 7.5F, 10, 12.5F}));
}

TEST(ImportAdapter, KeepsWhereAnActivatedAdapterBegins) {
  const auto adapter = adapter_of(query_factors(), R"({"alora_invocation_tokens": [7, 9]})");
  ASSERT_TRUE(adapter) << adapter.error().message;
  const auto found = std::find_if(adapter->entries.begin(), adapter->entries.end(), [](const GgufEntry& entry) {
    return entry.key == "adapter.alora.invocation_tokens";
  });
  ASSERT_NE(found, adapter->entries.end());
  EXPECT_EQ(found->value, GgufValue(std::vector<std::uint32_t>{7, 9}));
}

TEST(ImportAdapter, RefusesRanksThatTheSettingsContradict) {
  EXPECT_EQ(adapter_of(query_factors(), R"({"r": 4})").error().kind, ErrorKind::engine_failed);
  EXPECT_TRUE(adapter_of(query_factors(), R"({"r": 4, "rank_pattern": {"q_proj": 2}})"));
}

TEST(ImportAdapter, RefusesOneOfTwoUsesOfTheEmbeddings) {
  const std::vector<FileTensor> tensors = {counting("base_model.model.lm_head.lora_A.weight", {2, 8}),
                                           counting("base_model.model.lm_head.lora_B.weight", {5, 2})};
  EXPECT_TRUE(adapter_of(tensors));
  const auto adapter = adapter_of(tensors, "{}", CheckpointFolder(), R"(, "tie_word_embeddings": true)");
  ASSERT_FALSE(adapter);
  EXPECT_EQ(adapter.error().kind, ErrorKind::unsupported) << adapter.error().message;
}

TEST(ImportAdapter, RefusesWhatTheEngineLacks) {
  for (const char* patch : {R"({"peft_type": "IA3"})", R"({"use_dora": true})", R"({"modules_to_save": ["lm_head"]})",
                            R"({"alpha_pattern": {"q_proj|k_proj": 1}})", R"({"invocation_string": "x"})",
                            R"({"init_lora_weights": "pissa_niter_4"})", R"({"use_something_new": true})"}) {
    const auto adapter = adapter_of(query_factors(), patch);
    ASSERT_FALSE(adapter) << patch;
    EXPECT_EQ(adapter.error().kind, ErrorKind::unsupported) << patch;
  }
  for (const char* name : {"self_attn.q_proj.lora_magnitude_vector", "input_layernorm.weight"}) {
    auto tensors = query_factors();
    tensors.push_back(counting(layer + name, {8}));
    EXPECT_EQ(adapter_of(tensors).error().kind, ErrorKind::unsupported) << name;
  }
}

TEST(ImportAdapter, RefusesFactorsThatDoNotFit) {
  const std::string up = layer + "mlp.up_proj.";
  const std::vector<std::vector<FileTensor>> wrong = {
      {},
      {counting(up + "lora_A.weight", {2, 8})},
      {counting(up + "lora_A.weight", {2, 8}), counting(up + "lora_B.weight", {4, 2})},
      {counting(up + "lora_A.weight", {2, 8}), counting(up + "lora_B.weight", {3, 1})},
      {counting(up + "lora_A.weight", {2, 7}), counting(up + "lora_B.weight", {3, 2})},
      {counting(up + "lora_A.weight", {0, 8}), counting(up + "lora_B.weight", {3, 0})},
      {counting(up + "lora_A.weight", {16}), counting(up + "lora_B.weight", {3, 2})},
      {counting("base_model.model.model.layers.1.mlp.up_proj.lora_A.weight", {2, 8}),
       counting("base_model.model.model.layers.1.mlp.up_proj.lora_B.weight", {3, 2})},
  };
  for (const auto& tensors : wrong) {
    const auto adapter = adapter_of(tensors);
    ASSERT_FALSE(adapter) << tensors.size();
    EXPECT_EQ(adapter.error().kind, ErrorKind::engine_failed) << adapter.error().message;
  }
  for (const char* patch : {R"({"r": 0})", R"({"lora_alpha": null})", R"({"lora_alpha": "x"})"})
    EXPECT_EQ(adapter_of(query_factors(), patch).error().kind, ErrorKind::engine_failed) << patch;
}

}  // namespace
}  // namespace abstractllm
