// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "abstractllm/result.hpp"
#include "gguf/gguf_description.hpp"

namespace abstractllm {

/// A LoRA adapter as a caller asks for it.
struct AdapterUse {
  std::string file;  ///< or what ModelFinder::adapter finds one for
  float scale = 1;   ///< how strongly it applies; 0 not at all
  bool operator==(const AdapterUse&) const = default;
};

/// Returns the engine's file of an adapter for the model `base`. May take long. Ends early after a stop request.
using AdapterFinder =
    std::function<Result<std::string>(const std::string& adapter, const GgufDescription& base, std::stop_token stop)>;

/// How many adapters a model can have at once.
inline constexpr std::size_t most_adapters = 64;

/// Reads values of option `adapters`: "FILE.gguf", a folder or "ORG/NAME", each also with "=SCALE". An '=' before a '/'
/// or before ".gguf" belongs to the path. Reads no file. Errors: invalid_argument.
Result<std::vector<AdapterUse>> read_adapters(const std::vector<std::string>& values);

/// Checks that `path` is an adapter for a model of this architecture with which the engine cannot end the process. It
/// reads the whole file. The engine compares the names and the sizes of the tensors with those of the model. Errors:
/// not_configured (no file, or a folder), engine_failed (no adapter, broken, or for another architecture).
Result<void> check_adapter_file(const std::string& path, const std::string& architecture);

}  // namespace abstractllm
