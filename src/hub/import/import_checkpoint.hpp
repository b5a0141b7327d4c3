// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "abstractllm/response.hpp"
#include "abstractllm/result.hpp"
#include "gguf/gguf_model.hpp"
#include "hub/import/model_folder.hpp"

namespace abstractllm {

/// An adapter that belongs to a checkpoint: "vision" for pictures, "speech" for sounds.
struct NamedAdapter {
  std::string name;
  GgufModel model;
};

/// A checkpoint as the engine will read it. The tensors' readers read the folder's files, which must not change.
struct ImportedCheckpoint {
  GgufModel model;
  std::optional<GgufModel> projector;  ///< what a local model needs to see images (mmproj)
  std::vector<NamedAdapter> adapters;  ///< what the model applies for a kind of content, and not for text
  std::vector<Warning> warnings;       ///< what was left out
};

/// Reads the headers, the configuration and the tokenizer of a safetensors checkpoint, and checks all of it. Reads no
/// tensor yet. Errors: unsupported (an architecture or a setting that the importer or the engine does not have; pickle
/// files, which are never opened), engine_failed (a damaged or contradictory file, with its name and the place),
/// not_configured (a missing shard or file, not readable).
Result<ImportedCheckpoint> import_checkpoint(const ModelFolder& folder);

/// The class names of config.json that import_checkpoint() knows, sorted: "LlamaForCausalLM", …
std::vector<std::string> importable_architectures();

}  // namespace abstractllm
