// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "abstractllm/import.hpp"
#include "abstractllm/transport.hpp"
#include "base/clock.hpp"
#include "gguf/gguf_engine.hpp"
#include "hub/import/import_run.hpp"
#include "hub/pull.hpp"

namespace abstractllm {

/// What the imports of a program share.
struct ImportSetup {
  std::optional<std::filesystem::path> root;  ///< imported_folder(); unset: there is no home folder
  const GgufEngine& engine;
  std::stop_token stop = {};
  std::function<void(const ImportProgress&)> on_progress = {};
  std::filesystem::path output_file = {};  ///< empty: a file in `root`
  bool must_fit = false;                   ///< refuses a model that the engine may not load
};

/// Imports the folder, or finds what was imported from it in its present state. Errors: those of import_model() that
/// concern a folder.
Result<ImportedModel> import_from_folder(const ImportSetup& setup, const std::filesystem::path& folder,
                                         const ImportType& type);

/// Imports a downloaded checkpoint (is_checkpoint()), or finds what was imported from this commit. If it is
/// unsupported, the hub is asked for GGUF repositories that were made from it.
Result<ImportedModel> import_from_hub(const ImportSetup& setup, const HubSettings& hub, const HubModel& checkpoint,
                                      const ImportType& type);

/// The plan of a download for import_from_hub(). It refuses, before the weights come, an architecture that cannot be
/// imported, and if `must_fit`, a model that is too large. It downloads nothing if the commit has been imported.
PullPlan plan_of_import(const ImportSetup& setup, const ImportType& type, PullForm form);

}  // namespace abstractllm
