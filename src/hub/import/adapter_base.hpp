// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "gguf/gguf_description.hpp"
#include "hub/import/lora_tensors.hpp"
#include "hub/import/model_folder.hpp"

namespace abstractllm {

/// The model that an adapter is for, from its config.json alone. Errors: as import_checkpoint().
Result<AdapterBase> read_adapter_base(const ModelFolder& folder);

/// What the model may be that this GGUF file holds: the architectures of the importer that have such files, under each
/// of the names that their tensors have in checkpoints. Errors: unsupported (the importer has no such architecture),
/// engine_failed (a size is missing).
Result<std::vector<AdapterBase>> adapter_bases(const GgufDescription& model);

/// Adds the keys that every adapter of this base has.
void begin_adapter(const AdapterBase& base, const std::string& name, GgufModel& model);

}  // namespace abstractllm
