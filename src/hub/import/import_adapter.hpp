// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "abstractllm/result.hpp"
#include "gguf/gguf_description.hpp"
#include "gguf/gguf_model.hpp"
#include "hub/import/model_folder.hpp"

namespace abstractllm {

/// Whether the folder holds an adapter as PEFT saves it: adapter_config.json.
bool is_adapter(const ModelFolder& folder);

/// Reads a LoRA adapter that PEFT saved (adapter_config.json, adapter_model.safetensors) as the engine's adapter. Of
/// the base model it needs config.json. Checks everything and reads no tensor yet; the tensors' readers read the
/// adapter's file, which must not change. The scale that PEFT computes (lora_alpha / r, or / √r with use_rslora, per
/// module with alpha_pattern) is the engine's at scale 1.
///
/// The format: https://huggingface.co/docs/peft/developer_guides/checkpoint, read 2026-11. Errors: unsupported (what
/// would change answers and has no place in the engine's adapter: another method than LoRA, DoRA, biases, fully trained
/// modules; pickle files), engine_failed (a damaged file, or an adapter of another base model, with the tensor's name),
/// not_configured (a missing file).
Result<GgufModel> import_adapter(const ModelFolder& adapter, const ModelFolder& base);

/// The same for a base model of which there is only a GGUF file, whatever type its weights have.
Result<GgufModel> import_adapter(const ModelFolder& adapter, const GgufDescription& base);

}  // namespace abstractllm
