// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "abstractllm/export.hpp"

namespace abstractllm {

/// A device on which the local engine can run a model.
struct Device {
  std::string name;         ///< value for Options::device, such as "CPU" or "CUDA0"
  std::string description;  ///< for people, such as "AMD EPYC"
  std::string type;         ///< "cpu", "gpu", "integrated_gpu" or "accelerator"
  std::int64_t memory_total_bytes = 0;
  std::int64_t memory_free_bytes = 0;
  bool chosen = false;  ///< whether "auto" would use it
};

/// Returns the devices of this build on this machine. The list is empty if the engine was not built in. The call starts
/// the engine's backends.
ABSTRACTLLM_API std::vector<Device> devices();

/// Returns the version of the engine, such as "llama.cpp v0.5.0 (…)". It is empty if the engine was not built in. The
/// call starts nothing.
ABSTRACTLLM_API std::string engine_version();

}  // namespace abstractllm
