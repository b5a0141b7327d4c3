// SPDX-License-Identifier: Apache-2.0
#include "hub/import/adapter_source.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "support/fabricated.hpp"

namespace abstractllm {
namespace {

using namespace testing_support;

struct Source {
  CheckpointFolder made;  // one for each test
  std::filesystem::path root = made.path() / "root";
  int writes = 0;

  Source() {
    const Json given = recipe("adapters/llama");
    write_recipe({{"files", Json::object()}, {"dtype", given["dtype"]}, {"tensors", given["tensors"]}}, made,
                 "adapter/adapter_model.safetensors");
    made.write("adapter/adapter_config.json", given["files"]["adapter_config.json"].dump());
    made.write("base/config.json", given["base"].dump());
  }

  Result<std::string> import() {
    GgufEngine engine;
    engine.write = [this](const GgufModel& model, const std::string& path, const GgufWatch&) {
      ++writes;
      std::ofstream(path) << model.tensors.size();
      return Result<void>();
    };
    return imported_adapter(root, made.path() / "adapter", made.path() / "base", engine, {});
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
  Json config = recipe("adapters/llama")["base"];
  config["rope_theta"] = 20000.0;
  source.made.write("base/config.json", config.dump());
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

}  // namespace
}  // namespace abstractllm
