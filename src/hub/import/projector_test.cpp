// SPDX-License-Identifier: Apache-2.0
#include "hub/import/projector.hpp"

#include <gtest/gtest.h>

#include "support/fabricated.hpp"

namespace abstractllm {
namespace {

using namespace testing_support;

constexpr std::int64_t text_width = 32;

struct Outcome {
  Result<std::optional<GgufModel>> projector;
  std::vector<Warning> warnings;
  Json contents = Json();  ///< read while the files are there
};

Outcome import(const Json& recipe) {
  const CheckpointFolder made;
  write_recipe(recipe, made);
  const ModelFolder folder(made.path());
  const Json config = folder.json("config.json").value();
  Checkpoint checkpoint = open_checkpoint(folder).value();
  const Checkpoint tower = take_vision_tensors(checkpoint);
  EXPECT_TRUE(checkpoint.tensors.empty());
  const VisionModel* model = find_vision_model(config["architectures"][0].get<std::string>());
  std::vector<Warning> warnings;
  auto projector = import_projector(*model, folder, config, tower, text_width, warnings);
  Outcome outcome{std::move(projector), std::move(warnings)};
  if (outcome.projector && outcome.projector->has_value()) outcome.contents = contents_of(**outcome.projector);
  return outcome;
}

class Projector : public testing::TestWithParam<const char*> {};

TEST_P(Projector, HoldsWhatTheEnginesConverterMakes) {
  const Json given = recipe(std::string("projectors/") + GetParam());
  const Outcome actual = import(given);
  ASSERT_TRUE(actual.projector) << actual.projector.error().message;
  ASSERT_TRUE(actual.projector->has_value()) << actual.warnings.front().message;
  const Json expected = expected_contents(given["expected"]);
  for (const char* part : {"keys", "tensors"}) {
    for (const auto& [name, value] : expected[part].items())
      EXPECT_EQ(actual.contents[part].value(name, Json()), value) << name;
    EXPECT_EQ(actual.contents[part].size(), expected[part].size()) << actual.contents[part].dump(1);
  }
  const bool has_class = given["files"]["config.json"]["vision_config"]["model_type"] == "clip_vision_model";
  EXPECT_EQ(actual.warnings.size(), has_class ? 1U : 0U);
}

TEST(ProjectorOfSquares, IsRefusedWhereAPictureBecomesThousands) {
  Json given = recipe("projectors/smolvlm");
  Json& pictures = given["files"]["preprocessor_config.json"];
  const auto side = given["files"]["config.json"]["vision_config"]["image_size"].get<std::int64_t>();
  pictures["size"]["longest_edge"] = side * 16;
  EXPECT_TRUE(import(given).projector.value().has_value());
  pictures["size"]["longest_edge"] = side * 16 + 1;
  const Outcome actual = import(given);
  ASSERT_TRUE(actual.projector);
  EXPECT_FALSE(actual.projector->has_value());
  ASSERT_EQ(actual.warnings.size(), 1U);
  EXPECT_EQ(actual.warnings[0].code, "import_vision");
  EXPECT_NE(actual.warnings[0].message.find("longest_edge"), std::string::npos) << actual.warnings[0].message;
}

INSTANTIATE_TEST_SUITE_P(Forms, Projector,
                         testing::Values("gemma3", "gemma3_f16", "idefics3", "llava_clip", "llava_siglip", "smolvlm"));

}  // namespace
}  // namespace abstractllm
