// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hub/import/lora_tensors.hpp"
#include "hub/import/model_folder.hpp"

namespace abstractllm {

/// The model that an adapter is for, from its config.json alone. Errors: as import_checkpoint().
Result<AdapterBase> read_adapter_base(const ModelFolder& folder);

/// Adds the keys that every adapter of this base has.
void begin_adapter(const AdapterBase& base, const std::string& name, GgufModel& model);

}  // namespace abstractllm
