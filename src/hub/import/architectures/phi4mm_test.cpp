// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "hub/import/import_checkpoint.hpp"
#include "support/fabricated.hpp"

namespace abstractllm {
namespace {

using namespace testing_support;

struct Phi4mm {
  CheckpointFolder folder;
  Json given;
  Result<ImportedCheckpoint> imported;

  explicit Phi4mm(const std::function<void(Json&)>& change = [](Json&) {})
      : given(recipe("phi4mm")), imported(read(change)) {}

 private:
  Result<ImportedCheckpoint> read(const std::function<void(Json&)>& change) {
    change(given);
    write_recipe(given, folder);
    return import_checkpoint(ModelFolder(folder.path()));
  }
};

void expect_contents(const GgufModel& model, const Json& expected) {
  const Json actual = contents_of(model);
  const Json wanted = expected_contents(expected);
  for (const char* part : {"keys", "tensors"})
    for (const auto& [name, value] : wanted[part].items()) EXPECT_EQ(actual[part].value(name, Json()), value) << name;
  EXPECT_EQ(actual["tensors"].size(), wanted["tensors"].size());
}

TEST(Phi4mm, HasTheBaseWeightsOfAPlainPhi3) {
  const Phi4mm model;
  ASSERT_TRUE(model.imported) << model.imported.error().message;
  expect_contents(model.imported->model, model.given["expected"]["base"]);
}

TEST(Phi4mm, HasItsTwoAdaptersAsTheEnginesConverterMakesThem) {
  const Phi4mm model;
  ASSERT_TRUE(model.imported) << model.imported.error().message;
  ASSERT_EQ(model.imported->adapters.size(), 2U);
  for (const NamedAdapter& adapter : model.imported->adapters) {
    SCOPED_TRACE(adapter.name);
    expect_contents(adapter.model, model.given["expected"][adapter.name]);
  }
  EXPECT_EQ(model.imported->adapters[0].name, "vision");
  EXPECT_EQ(model.imported->adapters[1].name, "speech");
}

TEST(Phi4mm, SaysWhatTheEngineCannotRun) {
  const Phi4mm model;
  ASSERT_TRUE(model.imported) << model.imported.error().message;
  EXPECT_FALSE(model.imported->projector);
  std::vector<std::string> codes;
  for (const Warning& warning : model.imported->warnings) {
    codes.push_back(warning.code);
    EXPECT_NE(warning.message.find("applies only if --adapter asks for it"), std::string::npos) << warning.message;
  }
  EXPECT_EQ(codes, (std::vector<std::string>{"import_vision", "import_audio"}));
}

TEST(Phi4mm, TakesAdaptersThatAreSavedApart) {
  Json given = recipe("phi4mm");
  Json weights = Json::object();
  Json adapter = Json::object();
  for (const auto& [name, shape] : given["tensors"].items()) {
    if (name.find(".lora_") == std::string::npos) weights[name] = shape;
    if (const std::size_t at = name.find(".vision."); at != std::string::npos)
      adapter["base_model.model." + name.substr(0, at) + name.substr(at + 7)] = shape;
  }
  given["tensors"] = weights;
  given["files"]["config.json"]["architectures"][0] = "Phi4MultimodalForCausalLM";
  const CheckpointFolder folder;
  write_recipe(given, folder);
  const Json settings = {{"peft_type", "LORA"}, {"r", 8}, {"lora_alpha", 16}};
  write_recipe({{"files", {{"vision-lora/adapter_config.json", settings}}}, {"dtype", "F32"}, {"tensors", adapter}},
               folder, "vision-lora/adapter_model.safetensors");
  const auto imported = import_checkpoint(ModelFolder(folder.path()));
  ASSERT_TRUE(imported) << imported.error().message;
  ASSERT_EQ(imported->adapters.size(), 1U);
  EXPECT_EQ(imported->adapters[0].name, "vision");
  EXPECT_EQ(imported->adapters[0].model.tensors.size(), 16U);
}

TEST(Phi4mm, RefusesHalfAnAdapter) {
  const Phi4mm model([](Json& given) { given["tensors"].erase("model.layers.1.mlp.down_proj.lora_B.speech.weight"); });
  ASSERT_FALSE(model.imported);
  EXPECT_EQ(model.imported.error().kind, ErrorKind::engine_failed);
  EXPECT_NE(model.imported.error().message.find("model.layers.1.mlp.down_proj"), std::string::npos)
      << model.imported.error().message;
}

TEST(Phi4mm, RefusesAnAdapterWithoutItsSettings) {
  const Phi4mm model([](Json& given) { given["files"]["config.json"].erase("vision_lora"); });
  ASSERT_FALSE(model.imported);
  EXPECT_NE(model.imported.error().message.find("vision_lora"), std::string::npos) << model.imported.error().message;
}

TEST(Phi4mm, DividesByTheRankOfTheSettings) {
  const Phi4mm model([](Json& given) { given["files"]["config.json"]["vision_lora"]["r"] = 16; });
  ASSERT_TRUE(model.imported) << model.imported.error().message;
  const auto& entries = model.imported->adapters[0].model.entries;
  const auto alpha = std::find_if(entries.begin(), entries.end(),
                                  [](const GgufEntry& entry) { return entry.key == "adapter.lora.alpha"; });
  ASSERT_NE(alpha, entries.end());
  EXPECT_EQ(std::get<float>(alpha->value), 8.0F);  // 16 / 16, and the engine divides by 8
}

}  // namespace
}  // namespace abstractllm
