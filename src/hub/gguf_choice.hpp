// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace abstractllm {

/// What a GGUF's name says: "dir/Model-Q4_K_M-00002-of-00005.gguf".
struct GgufName {
  std::string prefix;  ///< "dir/Model-Q4_K_M"
  std::string quant;   ///< "Q4_K_M", or empty; in capitals
  int part = 1;
  int parts = 1;
};

/// Nothing where `path` does not end in ".gguf".
std::optional<GgufName> parse_gguf_name(std::string_view path);

/// Which files of a repository are loaded together.
struct GgufChoice {
  std::vector<std::string> model;  ///< the parts in order; parts that `paths` lacks are left out
  bool complete = true;            ///< no part is missing
  std::string projector;           ///< or empty
};

/// The model that `quant` means among `paths`; without a quantisation the first of a fixed order that is there, then
/// the first file at all. Nothing: there is none. The rules are those of llama.cpp v0.5.0 (common/download.cpp), whose
/// order without a quantisation is Q4_K_M, Q8_0, the first.
std::optional<GgufChoice> choose_gguf(const std::vector<std::string>& paths, std::string_view quant);

/// The parts that belong to this file, and its projector.
std::optional<GgufChoice> choose_gguf_file(const std::vector<std::string>& paths, std::string_view file);

/// The quantisations among `paths`, each once; a path without one stands for itself.
std::vector<std::string> gguf_alternatives(const std::vector<std::string>& paths);

/// Whether the file is a model, and not what stands beside one (projector, importance matrix, draft).
bool is_gguf_model(std::string_view path);

}  // namespace abstractllm
