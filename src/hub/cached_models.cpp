// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/disk_file.hpp"
#include "base/thrown.hpp"
#include "hub/default_model.hpp"
#include "hub/find_cached.hpp"
#include "hub/import/import_cache.hpp"
#include "hub/repo_folder.hpp"
#include "hub/safe_path.hpp"

namespace abstractllm {
namespace {

namespace fs = std::filesystem;

/// The snapshots of one repository. The one of "main" is first.
std::vector<std::string> snapshots(const RepoFolder& folder) {
  std::vector<std::string> commits = folder.commits();
  if (const auto main = folder.commit_of(HubName().revision))
    std::stable_partition(commits.begin(), commits.end(), [&](const std::string& each) { return each == *main; });
  return commits;
}

void add(CachedModel& model, const fs::path& snapshot, const std::string& path) {
  using Time = std::chrono::system_clock::time_point;
  model.paths.push_back(path);
  model.size_bytes += bytes_of_file(snapshot / path);
  if (const auto seconds = access_time_seconds(snapshot / path)) {
    const Time used{std::chrono::seconds(*seconds)};
    model.last_used = std::max(model.last_used.value_or(used), used);
  }
}

/// The shortest name for this file: its quantisation, if that would choose it.
HubName shortest_name(const std::string& repo, const std::vector<std::string>& paths, const std::string& first) {
  HubName name;
  name.repo = repo;
  name.quant = parse_gguf_name(first)->quant;
  const auto chosen = name.quant.empty() ? std::nullopt : choose_gguf(paths, name.quant);
  if (chosen && chosen->model.front() == first) return name;
  name.quant.clear();
  name.file = first;
  return name;
}

/// Adds one row for each GGUF model of a snapshot. The remaining files go into `others`.
void add_snapshot(const RepoFolder& folder, const std::string& repo, const std::string& commit, bool is_main,
                  std::vector<CachedModel>& models, CachedModel& others) {
  const std::vector<std::string> paths = folder.files(commit);
  std::set<std::string> left(paths.begin(), paths.end());
  for (const std::string& path : paths) {
    if (!is_gguf_model(path) || parse_gguf_name(path)->part != 1) continue;
    const auto choice = choose_gguf_file(paths, path);
    HubName name = shortest_name(repo, paths, path);
    if (!is_main) name.revision = commit;
    CachedModel model;
    model.name = to_string(name);
    model.commit = commit;
    model.usable = choice->complete;
    for (const std::string& part : choice->model) {
      add(model, folder.snapshot(commit), part);
      left.erase(part);
    }
    models.push_back(std::move(model));
  }
  for (const std::string& path : left) add(others, folder.snapshot(commit), path);
}

std::int64_t incomplete_bytes(const RepoFolder& folder) {
  std::int64_t bytes = 0;
  std::error_code failure;
  for (fs::directory_iterator at(folder.blobs(), failure), end; !failure && at != end; at.increment(failure))
    if (at->path().extension() == ".incomplete") bytes += bytes_of_file(at->path());
  return bytes;
}

void add_repository(const fs::path& cache, const std::string& repo, std::vector<CachedModel>& models) {
  const RepoFolder folder(cache, repo);
  const auto main = folder.commit_of(HubName().revision);
  CachedModel others;
  others.name = repo;
  for (const std::string& commit : snapshots(folder))
    add_snapshot(folder, repo, commit, !main || commit == *main, models, others);
  others.incomplete_bytes = incomplete_bytes(folder);
  if (!others.paths.empty() || others.incomplete_bytes > 0) models.push_back(std::move(others));
}

Result<std::vector<CachedModel>> list(const HubSettings& settings) {
  std::vector<CachedModel> models;
  std::error_code failure;
  fs::directory_iterator at(settings.cache_folder, failure);
  if (failure && failure != std::errc::no_such_file_or_directory)
    return Error(ErrorKind::not_configured,
                 "cannot read the cache folder '" + settings.cache_folder.string() + "': " + failure.message());
  for (const fs::directory_iterator end; !failure && at != end; at.increment(failure))
    if (const auto repo = repo_of_folder(at->path().filename().string()))
      add_repository(settings.cache_folder, *repo, models);
  std::sort(models.begin(), models.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return models;
}

/// The files that scripts/quickstart has put next to the cache. Each is listed by its path, which is also a name of a
/// model.
void add_quickstart_models(std::vector<CachedModel>& models) {
  const auto folder = quickstart_folder();
  if (!folder) return;
  for (const fs::path& file : models_in(*folder)) {
    CachedModel& model = models.emplace_back();
    model.name = file.string();
    model.usable = true;
    add(model, *folder, file.filename().string());
  }
}

/// Such a file and the note about its checksum. Nullopt if `text` is not the path of such a file.
std::optional<Result<RemovedModel>> remove_quickstart_model(std::string_view text) {
  const auto folder = quickstart_folder();
  if (!folder) return std::nullopt;
  for (const fs::path& file : models_in(*folder)) {
    if (file.string() != text) continue;
    RemovedModel removed;
    removed.paths.push_back(file.filename().string());
    removed.freed_bytes = bytes_of_file(file);
    std::error_code failure;
    fs::remove(file, failure);
    if (failure) return Error(ErrorKind::not_configured, "cannot remove '" + file.string() + "': " + failure.message());
    fs::remove(file.string() + ".verified", failure);
    return removed;
  }
  return std::nullopt;
}

/// Removes files, and then everything that nobody needs any more.
class Removal {
 public:
  explicit Removal(const RepoFolder& folder) : folder_(folder) {}

  Result<RemovedModel> run(const HubName& name);

 private:
  Result<void> remove_file(const std::string& commit, const std::string& path);
  Result<void> remove_unused_blobs();
  Result<void> remove_repository();
  Error cannot(const fs::path& path, const std::error_code& reason) const {
    return {ErrorKind::not_configured, "cannot remove '" + path.string() + "': " + reason.message()};
  }

  const RepoFolder& folder_;
  RemovedModel removed_;
};

Result<void> Removal::remove_file(const std::string& commit, const std::string& path) {
  const fs::path file = folder_.snapshot(commit) / path;
  std::error_code failure;
  const bool is_link = fs::is_symlink(file, failure);
  const std::int64_t bytes = is_link ? 0 : bytes_of_file(file);
  fs::remove(file, failure);
  if (failure) return cannot(file, failure);
  removed_.freed_bytes += bytes;
  removed_.paths.push_back(path);
  // Removes folders that are empty now, up to the snapshot itself.
  const fs::path stop = folder_.snapshot(commit).parent_path();
  for (fs::path parent = file.parent_path(); parent != stop; parent = parent.parent_path())
    if (!fs::remove(parent, failure)) break;
  return {};
}

/// Removes blobs to which no snapshot links.
Result<void> Removal::remove_unused_blobs() {
  std::set<std::string> used;
  std::error_code failure;
  for (fs::recursive_directory_iterator at(folder_.path() / "snapshots", failure), end; !failure && at != end;
       at.increment(failure)) {
    std::error_code no_link;
    const fs::path target = fs::read_symlink(at->path(), no_link);
    if (!no_link) used.insert(target.filename().string());
  }
  if (failure && failure != std::errc::no_such_file_or_directory) return cannot(folder_.blobs(), failure);
  failure.clear();
  for (fs::directory_iterator at(folder_.blobs(), failure), end; !failure && at != end; at.increment(failure)) {
    const std::string name = at->path().filename().string();
    // Running downloads have their own names and must stay.
    if (!is_hex_id(name) || used.count(name) > 0) continue;
    const std::int64_t bytes = bytes_of_file(at->path());
    std::error_code refused;
    if (!fs::remove(at->path(), refused)) return cannot(at->path(), refused);
    removed_.freed_bytes += bytes;
  }
  return {};
}

Result<void> Removal::remove_repository() {
  std::vector<FileLock> held;
  std::error_code failure;
  for (fs::directory_iterator at(folder_.blobs(), failure), end; !failure && at != end; at.increment(failure)) {
    removed_.freed_bytes += fs::is_symlink(at->path()) ? 0 : bytes_of_file(at->path());
    if (at->path().extension() != ".incomplete") continue;
    const std::string name = at->path().filename().string();
    const fs::path lock_path = folder_.lock(name.substr(0, name.find('.')));
    std::error_code absent;
    if (!fs::exists(lock_path, absent)) continue;
    auto lock = FileLock::try_take(lock_path);
    if (!lock) return std::move(lock).error();
    if (!*lock)
      return Error(ErrorKind::not_configured, "'" + at->path().string() + "' is being downloaded: try again after it");
    held.push_back(**std::move(lock));
  }
  for (const fs::path& path : {folder_.path(), folder_.locks()}) {
    fs::remove_all(path, failure);
    if (failure) return cannot(path, failure);
  }
  return {};
}

Result<RemovedModel> Removal::run(const HubName& name) {
  std::vector<std::string> commits = snapshots(folder_);
  const bool one_revision = name.revision != HubName().revision;
  if (one_revision) {
    const auto commit = folder_.commit_of(name.revision);
    std::erase_if(commits, [&](const std::string& each) { return each != commit; });
  }
  const bool all = name.quant.empty() && name.file.empty();
  for (const std::string& commit : commits) {
    const std::vector<std::string> paths = folder_.files(commit);
    std::vector<std::string> meant = paths;
    if (!all) {
      const auto choice = choose_files(paths, name);
      meant = choice ? choice->model : std::vector<std::string>();
    }
    if (all && !one_revision) removed_.paths.insert(removed_.paths.end(), meant.begin(), meant.end());
    else
      for (const std::string& path : meant)
        if (auto gone = remove_file(commit, path); !gone) return std::move(gone).error();
  }
  auto done = all && !one_revision ? remove_repository() : remove_unused_blobs();
  if (!done) return std::move(done).error();
  return std::move(removed_);
}

Error not_there(const HubSettings& settings, const HubName& name, const std::optional<fs::path>& imports) {
  std::string message = "'" + to_string(name) + "' is not in '" + settings.cache_folder.string() + "'";
  std::string there;
  if (auto models = list(settings)) {
    if (imports) add_imported_models(*imports, settings, *models);
    for (const CachedModel& model : *models)
      if (model.name.starts_with(name.repo)) there += (there.empty() ? "" : ", ") + model.name;
  }
  message += there.empty() ? "; `abstractllm cache` lists what is" : "; of this repository there is: " + there;
  return {ErrorKind::not_found, message};
}

/// huggingface_hub also keeps old repositories, whose names have no '/'.
Result<HubName> parse_cached_name(std::string_view text) {
  if (text.find_first_of("/:@") != text.npos || !is_safe_path(text)) return parse_hub_name(text);
  HubName name;
  name.repo = text;
  return name;
}

}  // namespace

Result<std::vector<CachedModel>> cached_models(const HubOptions& options) {
  return guarded([&]() -> Result<std::vector<CachedModel>> {
    const auto settings = hub_settings(options);
    if (!settings) return settings.error();
    auto models = list(*settings);
    if (!models || options.cache_folder) return models;
    if (const auto folder = imported_folder()) add_imported_models(*folder, *settings, *models);
    std::sort(models->begin(), models->end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    add_quickstart_models(*models);
    return models;
  });
}

Result<RemovedModel> remove_cached(std::string_view text, const HubOptions& options) {
  return guarded([&]() -> Result<RemovedModel> {
    const auto imports = options.cache_folder ? std::nullopt : imported_folder();
    if (!options.cache_folder)
      if (auto removed = remove_quickstart_model(text)) return *std::move(removed);
    if (imports)
      if (auto removed = remove_imported(*imports, text)) return *std::move(removed);
    const auto name = parse_cached_name(text);
    if (!name) return name.error();
    const auto settings = hub_settings(options);
    if (!settings) return settings.error();
    const RepoFolder folder(settings->cache_folder, name->repo);
    RemovedModel made;
    if (imports) {
      auto gone = remove_imported(*imports, *settings, *name);
      if (!gone) return gone;
      made = *std::move(gone);
    }
    auto removed = Removal(folder).run(*name);
    if (removed) {
      removed->freed_bytes += made.freed_bytes;
      removed->paths.insert(removed->paths.end(), made.paths.begin(), made.paths.end());
    }
    if (removed && removed->paths.empty() && removed->freed_bytes == 0) return not_there(*settings, *name, imports);
    return removed;
  });
}

}  // namespace abstractllm
