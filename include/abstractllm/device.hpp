// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "abstractllm/export.hpp"

namespace abstractllm {

/// Something that the local engine can run a model on.
struct Device {
  std::string name;         ///< what Options::device takes: "CPU", "CUDA0"
  std::string description;  ///< "AMD EPYC"
  std::string type;         ///< "cpu", "gpu", "integrated_gpu" or "accelerator"
  std::int64_t memory_total_bytes = 0;
  std::int64_t memory_free_bytes = 0;
  bool chosen = false;  ///< what "auto" would use
};

/// The devices of this build on this machine; empty where the engine was not built in. Starts the engine's backends.
ABSTRACTLLM_API std::vector<Device> devices();

/// "llama.cpp v0.5.0 (…)", or empty where the engine was not built in. Starts nothing.
ABSTRACTLLM_API std::string engine_version();

}  // namespace abstractllm
