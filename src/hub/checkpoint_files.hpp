// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/result.hpp"

namespace abstractllm {

/// The files of a safetensors checkpoint, as save_pretrained() of transformers and of sentence-transformers name them
/// (https://huggingface.co/docs/transformers/main/en/main_classes/model and
/// https://sbert.net/docs/sentence_transformer/usage/custom_models.html, read 2026-11-27).
struct CheckpointFiles {
  std::vector<std::string> small;    ///< configuration, tokenizer, chat templates, and the index if there is one
  bool has_index = false;            ///< the index names the weights (weights_of_index())
  std::vector<std::string> weights;  ///< without an index: model.safetensors
};

inline constexpr std::string_view checkpoint_index = "model.safetensors.index.json";

/// The checkpoint among the paths of a repository or folder: config.json with model.safetensors or with an index.
/// Nullopt if there is none. Pickle files and other formats are never among its files.
std::optional<CheckpointFiles> choose_checkpoint(const std::vector<std::string>& paths);

/// The files that an index names, sorted, each once. Errors: engine_failed (not an index; a name that leaves the
/// folder).
Result<std::vector<std::string>> weights_of_index(std::string_view json);

/// The files of a LoRA adapter, as save_pretrained() of PEFT names them
/// (https://huggingface.co/docs/peft/developer_guides/checkpoint, read 2026-11).
inline constexpr std::array<std::string_view, 2> peft_file_names = {"adapter_config.json", "adapter_model.safetensors"};

/// Whether a file's name says that it holds weights in Python's pickle format, which can run code.
bool is_pickle_name(std::string_view path);

/// Whether an import may read a file with this name, from which its result then depends.
bool is_checkpoint_name(std::string_view path);

}  // namespace abstractllm
