// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "abstractllm/result.hpp"
#include "gguf/gguf_engine.hpp"
#include "gguf/gguf_model.hpp"

namespace abstractllm {

/// Writes a GGUF file: the metadata with the engine's own writer, then one tensor after the other. Needs memory for
/// the metadata, for the largest tensor, and for what its reader needs. Replaces an existing file, and removes the file
/// after an error. Checks everything for which the engine would end the process: keys and names (empty, repeated, too
/// long, with a NUL), numbers of dimensions, and sizes that overflow. Errors: those of GgufEngine::write.
Result<void> write_gguf(const GgufModel& model, const std::string& path, const GgufWatch& watch = {});

/// Writes a quantised copy with the engine's quantiser. Its log goes to ours. The copy is checked: its length must be
/// that which its metadata says. Errors: those of GgufEngine::quantize.
Result<void> quantize_gguf(const std::string& from, const std::string& to, const Quantisation& type,
                           const GgufWatch& watch = {});

/// The types of quantize_gguf(): those of llama-quantize of llama.cpp v0.5.0 (tools/quantize/quantize.cpp, read
/// 2026-11-27) that need no importance matrix.
std::vector<Quantisation> gguf_quantisations();

/// The functions above, for an import.
GgufEngine gguf_engine();

}  // namespace abstractllm
