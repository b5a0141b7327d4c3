// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "abstractllm/response.hpp"
#include "abstractllm/result.hpp"
#include "base/source_file.hpp"
#include "hub/import/model_folder.hpp"
#include "hub/import/safetensors.hpp"

namespace abstractllm {

/// A tensor and the open file that holds it.
struct CheckpointTensor {
  StoredTensor stored;
  std::shared_ptr<const SourceFile> file;
};

/// All tensors of a checkpoint, in the order of its files.
struct Checkpoint {
  std::vector<CheckpointTensor> tensors;  ///< names are unique
  std::vector<Warning> warnings;
};

/// Opens model.safetensors, or the shards that model.safetensors.index.json lists. The index and the shards must name
/// the same tensors. Reads no tensor. Errors: not_configured (a missing file), engine_failed (a damaged file, or shards
/// of different revisions), unsupported (pickle files, which are never opened; an adapter without its base model).
Result<Checkpoint> open_checkpoint(const ModelFolder& folder);

/// Opens one safetensors file. Errors as above.
Result<Checkpoint> open_checkpoint_file(const ModelFolder& folder, std::string_view name);

}  // namespace abstractllm
