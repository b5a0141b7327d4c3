// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "abstractllm/result.hpp"

namespace abstractllm {

/// A LoRA adapter as a caller asks for it.
struct AdapterUse {
  std::string file;
  float scale = 1;  ///< how strongly it applies; 0 not at all
  bool operator==(const AdapterUse&) const = default;
};

/// Reads values of option `adapters`: "FILE.gguf" or "FILE.gguf=SCALE". Reads no file. Errors: invalid_argument.
Result<std::vector<AdapterUse>> read_adapters(const std::vector<std::string>& values);

/// Checks that `path` is an adapter for a model of this architecture with which the engine cannot end the process. It
/// reads the whole file. The engine compares the names and the sizes of the tensors with those of the model. Errors:
/// not_configured (no file, or a folder), engine_failed (no adapter, broken, or for another architecture).
Result<void> check_adapter_file(const std::string& path, const std::string& architecture);

}  // namespace abstractllm
