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

INSTANTIATE_TEST_SUITE_P(Forms, Projector,
                         testing::Values("gemma3", "gemma3_f16", "idefics3", "llava_clip", "llava_siglip", "smolvlm"));

}  // namespace
}  // namespace abstractllm
