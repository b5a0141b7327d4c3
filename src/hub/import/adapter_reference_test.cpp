// SPDX-License-Identifier: Apache-2.0
#include "hub/import/import_adapter.hpp"

#include <gtest/gtest.h>

#include "support/fabricated.hpp"

namespace abstractllm {
namespace {

using namespace testing_support;

/// An adapter as PEFT saves it, and the config.json of its base model.
class Adapter : public testing::TestWithParam<const char*> {
 protected:
  Adapter() {
    write_recipe(given_, folder_, "adapter_model.safetensors");
    base_.write("config.json", given_["base"].dump());
  }

  const Json given_ = recipe(std::string("adapters/") + GetParam());
  const CheckpointFolder folder_;
  const CheckpointFolder base_;
};

TEST_P(Adapter, HoldsWhatTheEnginesConverterMakes) {
  const auto adapter = import_adapter(ModelFolder(folder_.path()), ModelFolder(base_.path()));
  ASSERT_TRUE(adapter) << adapter.error().message;
  const Json actual = contents_of(*adapter);
  const Json expected = expected_contents(given_["expected"]);
  for (const auto& [key, value] : expected["keys"].items()) EXPECT_EQ(actual["keys"].value(key, Json()), value) << key;
  for (const auto& [name, value] : expected["tensors"].items())
    EXPECT_EQ(actual["tensors"].value(name, Json()), value) << name;
  EXPECT_EQ(actual["keys"].size(), expected["keys"].size()) << actual["keys"].dump(1);
  EXPECT_EQ(actual["tensors"].size(), expected["tensors"].size());
}

/// How the GGUF file of a base model describes it. tests/oracles/adapters.py says the names.
GgufDescription described(const Json& config, const std::string& architecture) {
  const auto number = [&](const char* name) { return config.at(name).get<std::int64_t>(); };
  GgufDescription base;
  base.architecture = architecture;
  base.numbers = {{"embedding_length", number("hidden_size")},
                  {"feed_forward_length", number("intermediate_size")},
                  {"block_count", number("num_hidden_layers")},
                  {"attention.head_count", number("num_attention_heads")},
                  {"attention.head_count_kv", number("num_key_value_heads")},
                  {"attention.key_length", number("head_dim")},
                  {"context_length", number("max_position_embeddings")}};
  base.tensors["token_embd.weight"] = {number("hidden_size"), number("vocab_size")};
  if (!config.value("tie_word_embeddings", false)) base.tensors["output.weight"] = base.tensors["token_embd.weight"];
  return base;
}

TEST_P(Adapter, IsTheSameForTheGgufFileOfItsBaseModel) {
  const auto expected = import_adapter(ModelFolder(folder_.path()), ModelFolder(base_.path()));
  ASSERT_TRUE(expected) << expected.error().message;
  const Json contents = contents_of(*expected);
  const std::string architecture = contents["keys"]["general.architecture"][1];
  const auto adapter = import_adapter(ModelFolder(folder_.path()), described(given_["base"], architecture));
  ASSERT_TRUE(adapter) << adapter.error().message;
  EXPECT_EQ(contents_of(*adapter), contents);
}

INSTANTIATE_TEST_SUITE_P(Models, Adapter,
                         testing::Values("llama", "llama_embeddings", "mistral", "qwen2", "qwen3", "gemma3", "phi3"));

}  // namespace
}  // namespace abstractllm
