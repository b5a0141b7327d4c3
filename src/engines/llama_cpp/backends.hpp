// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "abstractllm/device.hpp"
#include "abstractllm/result.hpp"
#include "ggml-backend.h"

namespace abstractllm {

/// Starts ggml and llama once per process. Further calls are cheap. Only built-in backends are used, because the engine
/// would also load libraries next to the program and in the current folder.
///
/// It also constructs the engine's static objects. They are destroyed in reverse order, so with stop_runners_at_exit()
/// after it they outlive the engine's threads, even in the middle of a load.
void start_backends();

/// The devices for a model.
struct DeviceChoice {
  std::vector<ggml_backend_dev_t> devices;  ///< ends in nullptr, as the engine requires; empty: the engine chooses
  bool uses_gpu = false;
};

/// The devices for Options::device. Errors: not_configured; the message lists the existing devices.
Result<DeviceChoice> choose_device(const std::string& name);

}  // namespace abstractllm
