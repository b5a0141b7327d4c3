// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/device.hpp"
#include "build-info.h"
#include "llama.h"

namespace abstractllm {

std::string engine_version() {
  return std::string("llama.cpp v") + llama_version() + " (" + llama_compiler() + ", " + llama_build_target() + ")";
}

}  // namespace abstractllm
