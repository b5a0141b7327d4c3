// SPDX-License-Identifier: Apache-2.0
#include "hub/import/adapter_source.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "support/fabricated.hpp"

namespace abstractllm {
namespace {

using namespace testing_support;

/// The base model of the recipe "adapters/llama", as its GGUF file describes it.
GgufDescription tiny_base() {
  GgufDescription base;
  base.architecture = "llama";
  base.numbers = {{"embedding_length", 64},    {"feed_forward_length", 96},    {"block_count", 2},
                  {"attention.head_count", 4}, {"attention.head_count_kv", 2}, {"context_length", 512}};
  base.tensors = {{"token_embd.weight", {64, 320}}, {"output.weight", {64, 320}}};
  return base;
}

struct Source {
  CheckpointFolder made;  // one for each test
  std::filesystem::path root = made.path() / "root";
  GgufDescription base = tiny_base();
  std::string repo, commit;
  int writes = 0;

  Source() {
    const Json given = recipe("adapters/llama");
    write_recipe({{"files", Json::object()}, {"dtype", given["dtype"]}, {"tensors", given["tensors"]}}, made,
                 "adapter/adapter_model.safetensors");
    made.write("adapter/adapter_config.json", given["files"]["adapter_config.json"].dump());
  }

  Result<std::string> import() {
    GgufEngine engine;
    engine.write = [this](const GgufModel& model, const std::string& path, const GgufWatch&) {
      ++writes;
      std::ofstream(path) << model.tensors.size();
      return Result<void>();
    };
    return imported_adapter({root, made.path() / "adapter", "the adapter", repo, commit}, base, engine,
                            Clock::system());
  }
};

TEST(AdapterSource, ImportsOnce) {
  Source source;
  const auto first = source.import();
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_TRUE(std::filesystem::exists(*first));
  EXPECT_EQ(*source.import(), *first);
  EXPECT_EQ(source.writes, 1);
}

TEST(AdapterSource, ImportsAgainForAnotherBaseModelAndAfterAChange) {
  Source source;
  const auto first = source.import();
  source.base.numbers["context_length"] = 1024;
  const auto second = source.import();
  ASSERT_TRUE(first && second);
  EXPECT_NE(*first, *second);
  source.made.write("adapter/adapter_config.json",
                    recipe("adapters/llama")["files"]["adapter_config.json"].dump() + "  ");
  const auto third = source.import();
  ASSERT_TRUE(third) << third.error().message;
  EXPECT_NE(*third, *second);
  EXPECT_EQ(source.writes, 3);
}

TEST(AdapterSource, LeavesNothingBehindAfterAnError) {
  Source source;
  source.made.write("adapter/adapter_config.json", "{}");
  EXPECT_FALSE(source.import());
  EXPECT_FALSE(std::filesystem::exists(source.root));
  EXPECT_EQ(source.writes, 0);
}

TEST(AdapterSource, KeepsARepositorysAdapterUnderItsNameAndCommit) {
  Source source;
  source.repo = "org/tiny";
  source.commit = std::string(40, 'a');
  const auto made = source.import();
  ASSERT_TRUE(made) << made.error().message;
  const std::string name = std::filesystem::path(*made).filename().string();
  EXPECT_TRUE(name.starts_with("org--tiny-" + source.commit + "-")) << name;
  EXPECT_TRUE(name.ends_with("-lora.peft-v1.gguf")) << name;
}

TEST(AdapterSource, RefusesAnotherBaseModelByTheNameOfTheTensor) {
  Source source;
  source.base.numbers["feed_forward_length"] = 128;
  const auto shape = source.import();
  ASSERT_FALSE(shape);
  EXPECT_EQ(shape.error().kind, ErrorKind::engine_failed);
  EXPECT_NE(shape.error().message.find("'the adapter'"), std::string::npos) << shape.error().message;
  EXPECT_NE(shape.error().message.find("mlp."), std::string::npos) << shape.error().message;
  source.base.architecture = "mamba";
  const auto architecture = source.import();
  ASSERT_FALSE(architecture);
  EXPECT_EQ(architecture.error().kind, ErrorKind::unsupported);
  EXPECT_NE(architecture.error().message.find("'mamba'"), std::string::npos) << architecture.error().message;
  source.base = {};
  EXPECT_FALSE(source.import());
  source.base = tiny_base();
  source.base.numbers["attention.head_count"] = 0;
  EXPECT_FALSE(source.import());
  EXPECT_FALSE(std::filesystem::exists(source.root));
}

}  // namespace
}  // namespace abstractllm
