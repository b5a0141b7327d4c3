// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hub/import/architecture.hpp"
#include "hub/import/model_folder.hpp"

namespace abstractllm {

/// Reads the sizes of the model from config.json, and refuses settings that the engine has built in differently.
void read_sizes(const Architecture& architecture, ImportDraft& draft);

/// Adds the keys that describe the model: "llama.context_length" and so on. No general keys.
void add_model_keys(const Architecture& architecture, ImportDraft& draft);

/// Adds what generation_config.json recommends as "general.sampling.*", as Metadata.load() of gguf-py (llama.cpp
/// v0.5.0, read 2026-11) does. A file that cannot be used gives a Warning.
void add_sampling(const ModelFolder& folder, GgufModel& model, std::vector<Warning>& warnings);

/// Adds "pooling_type" from the modules of sentence-transformers (modules.json, 1_Pooling/config.json). Refuses modules
/// that the engine lacks. Returns whether the folder says how to pool. https://sbert.net/docs, read 2026-11.
bool add_pooling(const ModelFolder& folder, ImportDraft& draft);

/// The name for general.name: of the repository, if the folder is a snapshot of the hub's cache, else of the folder.
std::string model_name(const ModelFolder& folder);

/// How many parameters the tensors have, for people: "135M", "8x7.2B" (size_label() of gguf-py).
std::string size_label(const std::vector<GgufTensor>& tensors);

/// GGUF's number for the type that most values have: 0 F32, 1 F16, 32 BF16 (llama_ftype of llama.h).
std::uint32_t file_type(const std::vector<GgufTensor>& tensors);

}  // namespace abstractllm
