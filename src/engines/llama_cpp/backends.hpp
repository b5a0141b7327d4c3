// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "abstractllm/device.hpp"
#include "abstractllm/result.hpp"
#include "ggml-backend.h"

namespace abstractllm {

/// Starts ggml and llama, once per process; cheap afterwards. Only backends that were built in are used: the engine
/// would also load libraries that it finds beside the program and in the current folder.
///
/// Also makes the engine's statics: they are destroyed in the reverse order of making, so with stop_engines_at_exit()
/// behind it they outlive the engine's threads, also in the middle of a load.
void start_backends();

/// What a model is to be loaded on.
struct DeviceChoice {
  std::vector<ggml_backend_dev_t> devices;  ///< ends in nullptr, as the engine wants it; empty: the engine's own choice
  bool uses_gpu = false;
};

/// The choice for Options::device. Errors: not_configured naming the devices that are there.
Result<DeviceChoice> choose_device(const std::string& name);

}  // namespace abstractllm
