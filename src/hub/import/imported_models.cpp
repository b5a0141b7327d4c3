// SPDX-License-Identifier: Apache-2.0
//
// The part of import_cache.hpp that lists and removes.
#include <algorithm>
#include <set>
#include <system_error>

#include "base/ascii.hpp"
#include "base/disk_file.hpp"
#include "hub/import/import_cache.hpp"
#include "hub/repo_folder.hpp"
#include "hub/safe_path.hpp"

namespace abstractllm {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> folders_in(const fs::path& root) {
  std::vector<fs::path> found;
  std::error_code failure;
  for (fs::directory_iterator at(root, failure), end; !failure && at != end; at.increment(failure)) {
    std::error_code unreadable;
    if (fs::is_directory(at->path(), unreadable) && at->path().filename() != ".locks") found.push_back(at->path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// The name by which this file is found, or its path if it has none.
std::string name_of_import(const HubSettings& hub, const fs::path& path, const ImportName& file) {
  HubName name;
  name.repo = repo_of_dashed(path.parent_path().filename().string());
  if (name.repo.find('/') == name.repo.npos || file.version != import_version || !is_hex_id(file.stem))
    return path.string();
  name.quant = file.type;
  const auto main = RepoFolder(hub.cache_folder, name.repo).commit_of(name.revision);
  if (main && *main != file.stem) name.revision = file.stem;
  return to_string(name);
}

ImportPlace place_of_file(const fs::path& path, const ImportName& file) {
  return {path.parent_path().parent_path(), path.parent_path(), file.stem};
}

std::optional<std::chrono::system_clock::time_point> last_use(const fs::path& path) {
  const auto seconds = access_time_seconds(path);
  if (!seconds) return std::nullopt;
  return std::chrono::system_clock::time_point(std::chrono::seconds(*seconds));
}

CachedModel described_import(const HubSettings& hub, const fs::path& path, const ImportName& file) {
  CachedModel model;
  model.name = name_of_import(hub, path, file);
  if (is_hex_id(file.stem)) model.commit = file.stem;
  model.usable = file.version == import_version;
  model.imported = true;
  const ImportPlace place = place_of_file(path, file);
  ImportedModel notes;
  read_notes(place.notes(file.type), notes);
  model.source = std::move(notes.source);
  std::vector<fs::path> parts = place.shared_parts();
  parts.insert(parts.begin(), path);
  for (const fs::path& part : parts) {
    std::error_code absent;
    if (!fs::is_regular_file(part, absent)) continue;
    model.paths.push_back(part.filename().string());
    model.size_bytes += bytes_of_file(part);
  }
  model.last_used = last_use(path);
  return model;
}

/// Files that an import had not finished when its process ended, or that it is writing now.
std::int64_t unfinished_bytes(const fs::path& folder) {
  std::int64_t bytes = 0;
  std::error_code failure;
  for (fs::directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure))
    if (at->path().extension() == ".tmp") bytes += bytes_of_file(at->path());
  return bytes;
}

Error cannot_remove_import(const fs::path& path, const std::error_code& reason) {
  return {ErrorKind::not_configured, "cannot remove '" + path.string() + "': " + reason.message()};
}

/// Removes files of one place while no import is running there.
class ImportRemoval {
 public:
  Result<void> remove(const ImportPlace& place, const std::vector<fs::path>& files);
  RemovedModel take() { return std::move(removed_); }

 private:
  RemovedModel removed_;
};

Result<void> ImportRemoval::remove(const ImportPlace& place, const std::vector<fs::path>& files) {
  std::error_code failure;
  std::optional<FileLock> held;
  if (fs::exists(place.lock(), failure)) {
    auto lock = FileLock::try_take(place.lock());
    if (!lock) return std::move(lock).error();
    if (!*lock)
      return Error(ErrorKind::not_configured, "'" + files.front().string() + "' is being imported: try again after it");
    held.emplace(**std::move(lock));
  }
  for (const fs::path& file : files) {
    const std::int64_t bytes = bytes_of_file(file);
    const bool existed = fs::remove(file, failure);
    if (failure) return cannot_remove_import(file, failure);
    if (!existed) continue;
    removed_.freed_bytes += bytes;
    if (file.extension() == ".gguf") removed_.paths.push_back(file.filename().string());
  }
  if (held) fs::remove(place.lock(), failure);
  return {};
}

/// Adds what imports to this place have left that did not finish.
void add_unfinished_files(const ImportPlace& place, std::vector<fs::path>& files) {
  std::error_code failure;
  for (fs::directory_iterator at(place.folder, failure), end; !failure && at != end; at.increment(failure))
    if (at->path().filename().string().starts_with(place.stem) && at->path().extension() == ".tmp")
      files.push_back(at->path());
}

/// What belongs to one model: the file, its notes, and if it is the last one of its place, what all models of the
/// place share, and unfinished files.
std::vector<fs::path> files_of_import(const ImportPlace& place, const fs::path& model,
                                      const std::vector<std::pair<ImportName, fs::path>>& siblings) {
  std::vector<fs::path> files = {model, fs::path(model).replace_extension(".json")};
  const auto shares = [&](const auto& other) { return other.first.stem == place.stem && other.second != model; };
  if (std::any_of(siblings.begin(), siblings.end(), shares)) return files;
  for (fs::path& part : place.shared_parts()) files.push_back(std::move(part));
  add_unfinished_files(place, files);
  return files;
}

CachedModel described_adapter(const fs::path& path, const ImportName& file) {
  CachedModel made;
  ImportedModel notes;
  read_notes(fs::path(path).replace_extension(".json"), notes);
  made.name = path.string();
  made.source = std::move(notes.source);
  made.commit = std::move(notes.commit);
  made.size_bytes = bytes_of_file(path);
  made.paths = {path.filename().string()};
  made.imported = made.adapter = true;
  // A version that is not made any more is never found.
  if (file.version != import_version) made.source.clear();
  made.last_used = last_use(path);
  return made;
}

Result<void> remove_adapter(const fs::path& path, const ImportName& file, ImportRemoval& removal) {
  const ImportPlace place = place_of_file(path, file);
  std::vector<fs::path> files = {path, fs::path(path).replace_extension(".json")};
  add_unfinished_files(place, files);
  return removal.remove(place, files);
}

/// Those of one repository: all, or those of one commit.
Result<void> remove_adapters(const fs::path& root, const std::string& folder_name,
                             const std::optional<std::string>& commit, ImportRemoval& removal) {
  const std::string prefix = folder_name + "-";
  for (const auto& [file, path] : imported_adapters(root)) {
    if (!file.stem.starts_with(prefix)) continue;
    const std::string rest = file.stem.substr(prefix.size());
    const std::string its_commit = rest.substr(0, rest.find('-'));
    if (!is_hex_id(its_commit) || (commit && *commit != its_commit)) continue;
    if (auto done = remove_adapter(path, file, removal); !done) return done;
  }
  std::error_code not_empty;
  fs::remove(root / adapters_folder_name, not_empty);
  return {};
}

/// Unfinished files of places without a model.
Result<void> remove_unfinished(const fs::path& folder, ImportRemoval& removal) {
  std::error_code failure;
  for (fs::directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure)) {
    if (at->path().extension() != ".tmp") continue;
    // A running import holds the lock of its temporary file.
    if (auto lock = FileLock::try_take(at->path()); !lock || !*lock) continue;
    const ImportPlace place{folder.parent_path(), folder, at->path().filename().string()};
    if (auto done = removal.remove(place, {at->path()}); !done) return done;
  }
  return {};
}

}  // namespace

void add_imported_models(const fs::path& root, const HubSettings& hub, std::vector<CachedModel>& models) {
  for (const auto& [file, path] : imported_adapters(root)) models.push_back(described_adapter(path, file));
  for (const fs::path& folder : folders_in(root)) {
    for (const auto& [file, path] : imports_in(folder)) models.push_back(described_import(hub, path, file));
    const std::int64_t bytes = unfinished_bytes(folder);
    if (bytes == 0) continue;
    const std::string name = repo_of_dashed(folder.filename().string());
    auto row = std::find_if(models.begin(), models.end(), [&](const CachedModel& each) { return each.name == name; });
    if (row == models.end()) {
      row = models.insert(models.end(), CachedModel());
      row->name = name;
    }
    row->incomplete_bytes += bytes;
  }
}

Result<RemovedModel> remove_imported(const fs::path& root, const HubSettings& hub, const HubName& name) {
  ImportRemoval removal;
  if (!name.file.empty()) return removal.take();
  if (name.repo == folders_folder_name || name.repo == adapters_folder_name) {
    // Only what an import has left there has this name.
    if (auto done = remove_unfinished(root / name.repo, removal); !done) return std::move(done).error();
    return removal.take();
  }
  const std::string folder_name = dashed_repo(name.repo);
  const fs::path folder = root / folder_name;
  const bool any_revision = name.revision == HubName().revision;
  const auto commit = RepoFolder(hub.cache_folder, name.repo).commit_of(name.revision);
  std::vector<std::pair<ImportName, fs::path>> left = imports_in(folder);
  for (const auto& [file, path] : imports_in(folder)) {
    if (!name.quant.empty() && file.type != uppered(name.quant)) continue;
    if (!any_revision && file.stem != commit) continue;
    const ImportPlace place = place_of_file(path, file);
    if (auto done = removal.remove(place, files_of_import(place, path, left)); !done) return std::move(done).error();
    std::erase_if(left, [&, gone = path](const auto& each) { return each.second == gone; });
  }
  if (name.quant.empty() && (any_revision || commit))
    if (auto done = remove_adapters(root, folder_name, any_revision ? std::nullopt : commit, removal); !done)
      return std::move(done).error();
  if (name.quant.empty() && any_revision)
    if (auto done = remove_unfinished(folder, removal); !done) return std::move(done).error();
  std::error_code not_empty;
  fs::remove(folder, not_empty);
  return removal.take();
}

std::optional<Result<RemovedModel>> remove_imported(const fs::path& root, std::string_view text) {
  const fs::path path(text);
  if (path.parent_path().parent_path() != root) return std::nullopt;
  for (const auto& [file, known] : imports_in(path.parent_path())) {
    if (known != path) continue;
    ImportRemoval removal;
    const ImportPlace place = place_of_file(path, file);
    if (auto done = removal.remove(place, files_of_import(place, path, imports_in(path.parent_path()))); !done)
      return Result<RemovedModel>(std::move(done).error());
    return Result<RemovedModel>(removal.take());
  }
  for (const auto& [file, known] : imported_adapters(root)) {
    if (known != path) continue;
    ImportRemoval removal;
    if (auto done = remove_adapter(path, file, removal); !done) return Result<RemovedModel>(std::move(done).error());
    std::error_code not_empty;
    fs::remove(path.parent_path(), not_empty);
    return Result<RemovedModel>(removal.take());
  }
  return std::nullopt;
}

}  // namespace abstractllm
