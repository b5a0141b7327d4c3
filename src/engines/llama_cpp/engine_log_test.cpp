// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/engine_log.hpp"

#include <gtest/gtest.h>

#include "log.h"

namespace abstractllm {
namespace {

TEST(EngineLog, KeepsTheFirstErrorAndTheLayersOfALoad) {
  common_log_default_callback(GGML_LOG_LEVEL_ERROR, "load: error loading model: before\n", nullptr);
  EngineLogCapture said;
  common_log_default_callback(GGML_LOG_LEVEL_INFO, "load_tensors: offloaded 3/7 layers to GPU\n", nullptr);
  common_log_default_callback(GGML_LOG_LEVEL_ERROR, "load: error loading model: first\n", nullptr);
  common_log_default_callback(GGML_LOG_LEVEL_ERROR, "load: second\n", nullptr);
  EXPECT_EQ(said.first_error(), "first");
  EXPECT_EQ(said.gpu_layers(), 3);
}

}  // namespace
}  // namespace abstractllm
