// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/model_metadata.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <functional>

#include "base/process.hpp"
#include "support/gguf_file.hpp"

namespace abstractllm {
namespace {

namespace fs = std::filesystem;
using testing_support::GgufFile;

/// What is said of a sound file of this architecture after `change`.
std::string problem_of(const std::function<void(GgufFile&)>& change, const std::string& architecture = "llama") {
  const fs::path path = fs::temp_directory_path() / ("metadata-" + std::to_string(process_id()) + ".gguf");
  GgufFile file(1);
  file.text("general.architecture", architecture);
  for (const auto& [key, value] :
       {std::pair{".block_count", 2}, {".embedding_length", 32}, {".attention.head_count", 4}})
    file.number(architecture + key, value);
  change(file);
  file.write(path);
  const std::string problem = metadata_problem(path.string()).value_or("");
  const auto checked = check_model_metadata(path.string());
  EXPECT_EQ(checked.operator bool(), problem.empty());
  if (!checked) {
    EXPECT_NE(checked.error().message.find("is broken: its " + problem), std::string::npos);
  }
  fs::remove(path);
  return problem;
}

struct Case {
  std::string key;
  double value;
  std::string said;
};

TEST(ModelMetadata, RefusesNumbersOutOfTheirRange) {
  EXPECT_EQ(problem_of([](GgufFile&) {}), "");
  const std::vector<Case> cases = {
      {"llama.block_count", 0, "llama.block_count is 0"},
      {"llama.block_count", 513, "llama.block_count is 513"},
      {"llama.nextn_predict_layers", 3, "llama.nextn_predict_layers is 3"},
      {"llama.nextn_predict_layers", 2, ""},
      {"llama.embedding_length", 0, "llama.embedding_length is 0"},
      {"llama.context_length", 0, "llama.context_length is 0"},
      {"llama.expert_count", 1025, "llama.expert_count is 1025"},
      {"llama.expert_count", 4, "llama.expert_used_count is 0 of 4 experts"},
      {"llama.expert_used_count", 2, "llama.expert_used_count is 2 of 0 experts"},
      {"llama.attention.head_count_kv", 3, "llama.attention.head_count_kv is 3, which does not divide 4"},
      {"llama.attention.head_count_kv", 2, ""},
      {"llama.attention.key_length", 5, "llama.attention.key_length is 5, and not even"},
      {"llama.rope.dimension_count", 7, "llama.rope.dimension_count is 7, and not even"},
      {"llama.rope.dimension_count", 10, "llama.rope.dimension_count is 10, more than a head has (8)"},
      {"llama.attention.head_count", 32, "llama.attention.key_length is 1, and not even"},
      {"general.sampling.mirostat", 3, "general.sampling.mirostat is 3"},
      {"general.sampling.mirostat", 2, ""},
      {"general.sampling.penalty_last_n", 2147483647, "general.sampling.penalty_last_n is 2147483647"},
  };
  for (const Case& each : cases)
    EXPECT_EQ(problem_of([&](GgufFile& file) { file.number(each.key, static_cast<std::int64_t>(each.value)); }),
              each.said)
        << each.key;
}

TEST(ModelMetadata, ReadsListsTextsAndRealNumbers) {
  EXPECT_EQ(problem_of([](GgufFile& file) { file.text("general.sampling.mirostat", "3"); }),
            "general.sampling.mirostat is 3");
  EXPECT_EQ(problem_of([](GgufFile& file) { file.real("llama.attention.layer_norm_epsilon", std::nanf("")); }),
            "llama.attention.layer_norm_epsilon is nan");
  const auto experts = [](const std::vector<std::int32_t>& used) {
    return problem_of([&](GgufFile& file) {
      file.number("llama.expert_count", 4);
      file.numbers("llama.expert_used_count", used);
    });
  };
  EXPECT_EQ(experts({2, 5}), "llama.expert_used_count is 5 of 4 experts");
  EXPECT_EQ(experts({2, 4}), "");
  EXPECT_EQ(experts({0, 0}), "llama.expert_used_count is 0 of 4 experts");
}

TEST(ModelMetadata, LooksAtGroupsOfExperts) {
  const auto groups = [](std::int64_t count, std::int64_t used) {
    return problem_of([&](GgufFile& file) {
      file.number("llama.expert_count", 8);
      file.number("llama.expert_used_count", 2);
      file.number("llama.expert_group_count", count);
      file.number("llama.expert_group_used_count", used);
    });
  };
  EXPECT_EQ(groups(4, 2), "");
  EXPECT_EQ(groups(3, 2), "llama.expert_group_count is 3");
  EXPECT_EQ(groups(8, 2), "llama.expert_group_count is 8");
  EXPECT_EQ(groups(4, 4), "llama.expert_group_used_count is 4");
  EXPECT_EQ(groups(4, 0), "llama.expert_group_used_count is 0");
}

TEST(ModelMetadata, LetsHeadsWithoutRotationBeOdd) {
  const auto heads = [](GgufFile& file) { file.number("gpt2.attention.head_count", 32); };
  EXPECT_EQ(problem_of(heads, "gpt2"), "");
}

TEST(ModelMetadata, LeavesWhatCannotBeReadToTheEngine) {
  EXPECT_EQ(metadata_problem("/nowhere/model.gguf"), std::nullopt);
}

}  // namespace
}  // namespace abstractllm
