// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/result.hpp"
#include "gguf/gguf_model.hpp"

namespace abstractllm {

/// Who looks on while a file is written.
struct GgufWatch {
  std::stop_token stop;  ///< ends the work in `cancelled`
  /// Called on the caller's thread after each tensor, with the bytes of the tensors that are done and of all.
  std::function<void(std::int64_t bytes, std::int64_t total_bytes)> on_bytes;
};

/// A type that the engine's quantiser makes.
struct Quantisation {
  std::string name;           ///< "Q4_K_M"
  double bits_per_value = 0;  ///< of a large model, on average
};

/// What an import needs of the engine. src/engines implements it, and src/hub uses it without knowing the engine.
struct GgufEngine {
  /// Writes the file and waits until it is on the disk. After an error there is no file. Errors: engine_failed (a
  /// value or a tensor that a GGUF file cannot have), not_configured (no engine in this build; the file cannot be
  /// written), cancelled, those of the tensors' readers.
  std::function<Result<void>(const GgufModel& model, const std::string& path, const GgufWatch& watch)> write;
  /// Writes a quantised copy of a GGUF file, in the same way. Errors: engine_failed (the engine refuses), and those of
  /// write().
  std::function<Result<void>(const std::string& from, const std::string& to, const Quantisation& type,
                             const GgufWatch& watch)>
      quantize;
  /// The types that quantize() knows. It needs no case: "q4_k_m" is "Q4_K_M".
  std::function<std::vector<Quantisation>()> quantisations;
  /// The size of the largest model that may be loaded. 0: unknown.
  std::function<std::int64_t()> most_model_bytes;
};

}  // namespace abstractllm
