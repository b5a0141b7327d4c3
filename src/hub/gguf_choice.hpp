// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace abstractllm {

/// The parts of a GGUF file name such as "dir/Model-Q4_K_M-00002-of-00005.gguf".
struct GgufName {
  std::string prefix;  ///< "dir/Model-Q4_K_M"
  std::string quant;   ///< "Q4_K_M" in capitals, or empty
  int part = 1;
  int parts = 1;
};

/// Returns nullopt if `path` does not end in ".gguf".
std::optional<GgufName> parse_gguf_name(std::string_view path);

/// The files of a repository that are loaded together.
struct GgufChoice {
  std::vector<std::string> model;  ///< the parts in order, without parts that `paths` lacks
  bool complete = true;            ///< false if a part is missing
  std::string projector;           ///< path of the projector, or empty
};

/// The model among `paths` that `quant` means. Without a quantisation it is the first that exists in a fixed order,
/// then the first file. Nullopt if there is none. The rules are those of llama.cpp v0.5.0 (common/download.cpp), whose
/// order without a quantisation is Q4_K_M, Q8_0, the first file.
std::optional<GgufChoice> choose_gguf(const std::vector<std::string>& paths, std::string_view quant);

/// The parts that belong to this file, and its projector.
std::optional<GgufChoice> choose_gguf_file(const std::vector<std::string>& paths, std::string_view file);

/// The quantisations among `paths`, each once. A path without a quantisation is listed itself.
std::vector<std::string> gguf_alternatives(const std::vector<std::string>& paths);

/// Whether the file is a model and not an additional file (projector, importance matrix, draft).
bool is_gguf_model(std::string_view path);

}  // namespace abstractllm
