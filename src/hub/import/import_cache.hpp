// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "abstractllm/hub.hpp"
#include "abstractllm/import.hpp"
#include "hub/hub_settings.hpp"
#include "hub/import/source_files.hpp"

namespace abstractllm {

/// The version of the importer's results. Raise it when an import of the same checkpoint would give another file: then
/// older files are not used any more.
inline constexpr int import_version = 1;

/// The adapters that a checkpoint may have inside.
inline constexpr std::array<std::string_view, 2> part_adapters = {"vision", "speech"};

/// The folder below imported_folder() for adapters that PEFT saved, and what their ImportPlace::adapter() has.
inline constexpr std::string_view adapters_folder_name = "adapters";
inline constexpr std::string_view folders_folder_name = "folders";
inline constexpr std::string_view peft_adapter = "peft";

/// The folder of imported models: $XDG_CACHE_HOME/abstractllm/imported, by default ~/.cache/abstractllm/imported. Reads
/// the environment only. Nullopt if there is no home folder.
std::optional<std::filesystem::path> imported_folder();

/// The parts of "STEM-TYPE-vN.gguf".
struct ImportName {
  std::string stem;
  std::string type;  ///< "mmproj" for a projector, "lora.vision" for an adapter
  int version = 0;
};

std::optional<ImportName> parse_import_name(std::string_view name);

/// The imported models in one folder of the cache, the latest first, without projectors and adapters.
std::vector<std::pair<ImportName, std::filesystem::path>> imports_in(const std::filesystem::path& folder);

/// Where the results of importing one state of one source are. Its files are folder/STEM-TYPE-vN.gguf.
struct ImportPlace {
  std::filesystem::path root;    ///< imported_folder()
  std::filesystem::path folder;  ///< root/ORG--NAME, or root/folders
  std::string stem;              ///< the commit, or NAME-HASH of a folder

  std::filesystem::path model(std::string_view type) const;
  std::filesystem::path projector() const;
  /// Of an adapter that is part of the checkpoint: one of part_adapters.
  std::filesystem::path adapter(std::string_view name) const;
  /// What all models of the place share, whether it exists or not: projector and adapters.
  std::vector<std::filesystem::path> shared_parts() const;
  /// A small JSON file next to the model: source and warnings.
  std::filesystem::path notes(std::string_view type) const;
  /// The lock of all imports of this place. Its folder is root/.locks.
  std::filesystem::path lock() const;
};

ImportPlace place_of_commit(const std::filesystem::path& root, std::string_view repo, std::string_view commit);

/// `source` must exist. The stem has the folder's name, a digest of its whole path, and one of its files.
ImportPlace place_of_folder(const std::filesystem::path& root, const std::filesystem::path& source,
                            const SourceFiles& files);

/// The model of the place, if it has been imported. `type` is a quantisation in capitals, or empty for the type of the
/// checkpoint.
std::optional<ImportedModel> find_imported(const ImportPlace& place, std::string_view type);

/// The imported model that a name on the hub means: at the commit that its revision had when the hub was last asked, or
/// if that is unknown, the one that was imported last.
std::optional<ImportedModel> find_imported(const std::filesystem::path& root, const HubSettings& hub,
                                           const HubName& name);

/// The imported adapters that PEFT saved, sorted by path.
std::vector<std::pair<ImportName, std::filesystem::path>> imported_adapters(const std::filesystem::path& root);

/// Reads what write_notes() has written. What is missing or damaged stays as it is.
void read_notes(const std::filesystem::path& path, ImportedModel& model);

/// Notes the source and the warnings of a model. Errors: not_configured.
Result<void> write_notes(const std::filesystem::path& path, const ImportedModel& model);

/// Adds imported models and adapters to a listing of the cache.
void add_imported_models(const std::filesystem::path& root, const HubSettings& hub, std::vector<CachedModel>& models);

/// Removes the imported models that a name on the hub means: all of a repository and its adapters, or one type. Errors:
/// not_configured (one is being imported; the system refuses).
Result<RemovedModel> remove_imported(const std::filesystem::path& root, const HubSettings& hub, const HubName& name);

/// Removes an imported model or adapter by its path. Nullopt if `path` is not one.
std::optional<Result<RemovedModel>> remove_imported(const std::filesystem::path& root, std::string_view path);

}  // namespace abstractllm
