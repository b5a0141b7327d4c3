// SPDX-License-Identifier: Apache-2.0
#include "hub/gguf_choice.hpp"

#include <gtest/gtest.h>

namespace abstractllm {
namespace {

using Paths = std::vector<std::string>;

std::string chosen(const Paths& paths, std::string_view quant) {
  const auto choice = choose_gguf(paths, quant);
  return choice ? choice->model.front() : "";
}

TEST(GgufName, SaysQuantisationAndPart) {
  const auto name = parse_gguf_name("dir/Model-1.5B-q4_k_m-00002-of-00005.gguf");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->prefix, "dir/Model-1.5B-q4_k_m");
  EXPECT_EQ(name->quant, "Q4_K_M");
  EXPECT_EQ(name->part, 2);
  EXPECT_EQ(name->parts, 5);
  EXPECT_EQ(parse_gguf_name("Model.BF16.gguf")->quant, "BF16");
  EXPECT_EQ(parse_gguf_name("Model-UD-IQ1_S.gguf")->quant, "IQ1_S");
  EXPECT_EQ(parse_gguf_name("Q8_0/Model-MXFP4_MOE.gguf")->quant, "MXFP4_MOE");
  for (const char* without : {"Model-7B.gguf", "Model-Instruct.gguf", "Q8_0/Model.gguf", "Model-v1.5.gguf"})
    EXPECT_EQ(parse_gguf_name(without)->quant, "") << without;
}

TEST(GgufName, IsNoneForOtherFiles) {
  for (const char* other : {"", ".gguf", "dir/.gguf", "model.bin", "model.gguf.part", "gguf"})
    EXPECT_FALSE(parse_gguf_name(other)) << other;
}

TEST(GgufName, TakesNoNonsenseForAPart) {
  for (const char* odd :
       {"m-00000-of-00002.gguf", "m-00003-of-00002.gguf", "m-0000x-of-00002.gguf", "-00001-of-00002.gguf"})
    EXPECT_EQ(parse_gguf_name(odd)->parts, 1) << odd;
}

TEST(GgufChoice, PrefersTheFileOfJustThatQuantisation) {
  const Paths paths = {"M-Q4_K_M-imat.gguf", "M-Q4_K_M.gguf", "M-Q4_K.gguf", "Q8_0/M.gguf"};
  EXPECT_EQ(chosen(paths, "q4_k_m"), "M-Q4_K_M.gguf");
  EXPECT_EQ(chosen({"M-Q4_K_M-imat.gguf"}, "Q4_K_M"), "M-Q4_K_M-imat.gguf");
  EXPECT_EQ(chosen(paths, "Q4_K"), "M-Q4_K.gguf");
  EXPECT_EQ(chosen(paths, "Q4"), "");
  EXPECT_EQ(chosen(paths, "Q4.K"), "");  // QUANT is not a pattern
}

TEST(GgufChoice, PassesOverWhatIsNoModel) {
  const Paths paths = {"mmproj-M-Q4_K_M.gguf", "M-imatrix.gguf", "mtp-M-Q4_K_M.gguf", "README.md", "M-F16.gguf"};
  EXPECT_EQ(chosen(paths, ""), "M-F16.gguf");
  EXPECT_EQ(chosen(paths, "Q4_K_M"), "");
  EXPECT_EQ(gguf_alternatives(paths), Paths{"F16"});
}

TEST(GgufChoice, TakesTheFirstWhereNoneIsPreferred) {
  EXPECT_EQ(chosen({"b.gguf", "a.gguf"}, ""), "b.gguf");
  EXPECT_EQ(chosen({"M-Q2_K.gguf", "M-Q8_0.gguf"}, ""), "M-Q8_0.gguf");
  EXPECT_EQ(chosen({}, ""), "");
}

TEST(GgufChoice, TakesAllPartsInOrder) {
  const Paths paths = {"x/M-Q8_0-00003-of-00003.gguf", "x/M-Q8_0-00001-of-00003.gguf", "x/M-Q8_0-00002-of-00003.gguf",
                       "M-Q8_0-00001-of-00002.gguf", "x/N-Q8_0-00002-of-00003.gguf"};
  const auto whole = choose_gguf_file(paths, "x/M-Q8_0-00002-of-00003.gguf");
  ASSERT_TRUE(whole);
  EXPECT_TRUE(whole->complete);
  EXPECT_EQ(whole->model, (Paths{paths[1], paths[2], paths[0]}));
  const auto lacking = choose_gguf_file(paths, "M-Q8_0-00001-of-00002.gguf");
  ASSERT_TRUE(lacking);
  EXPECT_FALSE(lacking->complete);
  EXPECT_FALSE(choose_gguf_file({"M-00001-of-99999.gguf"}, "M-00001-of-99999.gguf")->complete);
  EXPECT_FALSE(choose_gguf_file(paths, "nowhere.gguf"));
}

// Cases from llama.cpp v0.5.0, tests/test-model-resolution.cpp: the nearest folder, then the nearest bits.
TEST(GgufChoice, TakesTheProjectorThatIsNearest) {
  const auto projector = [](const Paths& paths) { return choose_gguf(paths, "Q4_K_M")->projector; };
  EXPECT_EQ(projector({"M-Q4_K_M.gguf", "mmproj-F16.gguf", "mmproj-Q8_0.gguf"}), "mmproj-Q8_0.gguf");
  EXPECT_EQ(projector({"a/M-Q4_K_M.gguf", "mmproj-Q4_0.gguf", "a/mmproj-F16.gguf"}), "a/mmproj-F16.gguf");
  EXPECT_EQ(projector({"a/M-Q4_K_M.gguf", "b/mmproj-F16.gguf"}), "");
  EXPECT_EQ(projector({"ab/M-Q4_K_M.gguf", "a/mmproj-F16.gguf"}), "");
  EXPECT_EQ(projector({"M-Q4_K_M.gguf", "mmproj-F16.gguf", "mmproj-BF16.gguf"}), "mmproj-F16.gguf");
}

}  // namespace
}  // namespace abstractllm
