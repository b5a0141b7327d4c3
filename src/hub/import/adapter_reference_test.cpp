// SPDX-License-Identifier: Apache-2.0
#include "hub/import/import_adapter.hpp"

#include <gtest/gtest.h>

#include "support/fabricated.hpp"

namespace abstractllm {
namespace {

using namespace testing_support;

class Adapter : public testing::TestWithParam<const char*> {};

TEST_P(Adapter, HoldsWhatTheEnginesConverterMakes) {
  const Json given = recipe(std::string("adapters/") + GetParam());
  const CheckpointFolder folder;
  const CheckpointFolder base;
  write_recipe(given, folder, "adapter_model.safetensors");
  base.write("config.json", given["base"].dump());
  const auto adapter = import_adapter(ModelFolder(folder.path()), ModelFolder(base.path()));
  ASSERT_TRUE(adapter) << adapter.error().message;
  const Json actual = contents_of(*adapter);
  const Json expected = expected_contents(given["expected"]);
  for (const auto& [key, value] : expected["keys"].items()) EXPECT_EQ(actual["keys"].value(key, Json()), value) << key;
  for (const auto& [name, value] : expected["tensors"].items())
    EXPECT_EQ(actual["tensors"].value(name, Json()), value) << name;
  EXPECT_EQ(actual["keys"].size(), expected["keys"].size()) << actual["keys"].dump(1);
  EXPECT_EQ(actual["tensors"].size(), expected["tensors"].size());
}

INSTANTIATE_TEST_SUITE_P(Models, Adapter,
                         testing::Values("llama", "llama_embeddings", "mistral", "qwen2", "qwen3", "gemma3", "phi3"));

}  // namespace
}  // namespace abstractllm
