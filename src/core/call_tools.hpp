// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>

#include "abstractllm/executor.hpp"
#include "tools/tool_round.hpp"

namespace abstractllm {

/// What the two ends of a call share about its tools: the plan that runs them, and the consumer. Change it before the
/// call begins, or on the driver's thread.
struct CallTools {
  std::shared_ptr<Executor> executor;  ///< for tools that are Tasks; null: the loop thread
  std::chrono::milliseconds timeout{0};
  std::shared_ptr<ToolRound> round;  ///< the latest one, or null
};

}  // namespace abstractllm
