// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "common.h"

// This is also compiled into the engine's server (cmake/LimitEngine.cmake), which is C++17.

namespace abstractllm {

/// How the engine's loop finds the adapters of a task. Its own list is fixed when the model is loaded.
struct AdapterHook {
  /// The adapters for `task_adapters` (their numbers, and how strongly they apply), on the thread of the model.
  /// Returns false, with a reason in `failure`, if one cannot be used.
  using Find = bool (*)(const llama_model* model, const std::map<int, float>& task_adapters,
                        std::vector<common_adapter_lora_info>& found, std::string& failure);
  /// Null in a program that does not have our adapters. Set before the first model is loaded.
  static inline Find find = nullptr;

  static bool applies(const std::map<int, float>& task_adapters) { return find != nullptr && !task_adapters.empty(); }
};

}  // namespace abstractllm
