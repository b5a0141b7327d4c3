// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "abstractllm/result.hpp"
#include "gguf/gguf_model.hpp"
#include "hub/import/model_folder.hpp"

namespace abstractllm {

/// Reads a LoRA adapter of PEFT (adapter_config.json, adapter_model.safetensors) as the adapter that the engine loads.
/// `base` is the folder of the model that it changes; only its config.json is read. Reads no tensor yet.
/// https://huggingface.co/docs/peft/developer_guides/checkpoint and convert_lora_to_gguf.py of llama.cpp v0.5.0, read
/// 2026-11. Errors: unsupported (another kind of adapter, or one that changes what the engine cannot),
/// engine_failed (a damaged file, or another base model), not_configured (a missing file).
Result<GgufModel> import_adapter(const ModelFolder& adapter, const ModelFolder& base);

}  // namespace abstractllm
