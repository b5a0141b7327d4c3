// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/sampling_defaults.hpp"

#include <gtest/gtest.h>

namespace abstractllm {
namespace {

TEST(SamplingDefaults, AreThoseOfTheModelsMakers) {
  const SamplingDefaults smallest = sampling_defaults_of("SmolLM2-135M-Instruct.Q4_1.gguf Smollm2 135M 8k Lc100K Mix1");
  EXPECT_EQ(smallest.temperature, 0.2F);
  EXPECT_EQ(smallest.top_p, 0.9F);
  EXPECT_FALSE(smallest.top_k);
  EXPECT_FALSE(smallest.min_p);
  const SamplingDefaults usual = sampling_defaults_of("Qwen3-0.6B-Q8_0.gguf Qwen3 0.6B Instruct");
  EXPECT_EQ(usual.temperature, 0.6F);
  EXPECT_EQ(usual.top_k, 20);
  EXPECT_EQ(usual.min_p, 0.0F);
}

TEST(SamplingDefaults, AreNotThoseOfABaseModelOrAnother) {
  EXPECT_FALSE(sampling_defaults_of("SmolLM2-135M.Q4_1.gguf").temperature);
  EXPECT_FALSE(sampling_defaults_of("tiny").temperature);
}

}  // namespace
}  // namespace abstractllm
