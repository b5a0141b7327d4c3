// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "abstractllm/import.hpp"
#include "base/clock.hpp"
#include "gguf/gguf_engine.hpp"
#include "hub/import/import_cache.hpp"

namespace abstractllm {

/// The type that an import shall have.
struct ImportType {
  std::string name;                          ///< "BF16" or "Q4_K_M", or empty: that of the checkpoint
  std::optional<Quantisation> quantisation;  ///< unset: the tensors keep their type
};

/// Reads the name of a quantisation in any case, or one of BF16, F16 and F32, which the checkpoint must then have.
/// Errors: invalid_argument; the message lists what exists.
Result<ImportType> import_type(std::string_view name, const GgufEngine& engine);

/// One import of a checkpoint that is on this disk.
struct ImportJob {
  std::filesystem::path source;       ///< the folder
  std::string name;                   ///< for messages: the folder or the name on the hub
  std::string commit;                 ///< or empty
  std::optional<ImportPlace> place;   ///< where the result goes; unset: output_file
  std::filesystem::path output_file;  ///< used without a place
  ImportType type;
  std::stop_token stop;
  std::function<void(const ImportProgress&)> on_progress;
};

/// Imports, or finds what was imported before. Waits while another process or thread imports to the same place.
/// Nothing is left after an error. Errors: those of import_model() that concern a folder.
Result<ImportedModel> run_import(const ImportJob& job, const GgufEngine& engine, Clock& clock);

/// Whether a model of this checkpoint can be loaded, before it is imported or downloaded. `weight_bytes` is the size of
/// its weights, which have 16 bits per value as a rule. Errors: engine_failed.
Result<void> check_memory(const std::string& name, std::int64_t weight_bytes, const ImportType& type,
                          const GgufEngine& engine);

}  // namespace abstractllm
