// SPDX-License-Identifier: Apache-2.0
#include "hub/find_cached.hpp"

#include <fstream>
#include <iterator>

#include "base/thrown.hpp"
#include "hub/checkpoint_files.hpp"
#include "hub/repo_folder.hpp"

namespace abstractllm {
namespace {

namespace fs = std::filesystem;

HubFile local_file(const fs::path& folder, const std::string& path) {
  HubFile file;
  file.path = path;
  file.local_path = (folder / path).string();
  file.cached = true;
  std::error_code absent;
  const std::uintmax_t size = fs::file_size(file.local_path, absent);
  if (!absent) file.size_bytes = static_cast<std::int64_t>(size);
  return file;
}

std::optional<HubModel> find_at(const RepoFolder& folder, const HubName& name, const std::string& commit) {
  const auto choice = choose_files(folder.files(commit), name);
  if (!choice || !choice->complete) return std::nullopt;
  HubModel model;
  model.name = name;
  model.commit = commit;
  for (const std::string& path : choice->model) model.files.push_back(local_file(folder.snapshot(commit), path));
  model.model_file = model.files.front().local_path;
  if (!choice->projector.empty()) {
    model.files.push_back(local_file(folder.snapshot(commit), choice->projector));
    model.projector_file = model.files.back().local_path;
  }
  return model;
}

/// The snapshot with these files. Nullopt if one is missing.
std::optional<HubModel> folder_at(const fs::path& snapshot, const HubName& name, const std::string& commit,
                                  const std::vector<std::string>& paths) {
  HubModel model;
  model.name = name;
  model.commit = commit;
  model.model_file = snapshot.string();
  for (const std::string& path : paths) {
    std::error_code absent;
    if (!fs::is_regular_file(snapshot / path, absent)) return std::nullopt;
    model.files.push_back(local_file(snapshot, path));
  }
  return model;
}

std::optional<HubModel> find_checkpoint_at(const RepoFolder& folder, const HubName& name, const std::string& commit) {
  const fs::path snapshot = folder.snapshot(commit);
  auto files = choose_checkpoint(folder.files(commit));
  if (!files) return std::nullopt;
  if (files->has_index) {
    const auto named = index_at(snapshot);
    if (!named) return std::nullopt;
    files->weights.insert(files->weights.end(), named->begin(), named->end());
  }
  std::vector<std::string> paths = std::move(files->small);
  paths.insert(paths.end(), files->weights.begin(), files->weights.end());
  return folder_at(snapshot, name, commit, paths);
}

std::optional<HubModel> find_adapter_at(const RepoFolder& folder, const HubName& name, const std::string& commit) {
  return folder_at(folder.snapshot(commit), name, commit, {peft_file_names.begin(), peft_file_names.end()});
}

/// At the commit of the name's revision, or for the default revision at another one, the latest first.
template <class Find>
std::optional<HubModel> find_in_snapshots(const HubSettings& settings, const HubName& name, Find find) {
  if (!name.file.empty()) return std::nullopt;
  const RepoFolder folder(settings.cache_folder, name.repo);
  if (const auto commit = folder.commit_of(name.revision))
    if (auto model = find(folder, name, *commit)) return model;
  if (name.revision != HubName().revision) return std::nullopt;
  for (const std::string& commit : folder.commits())
    if (auto model = find(folder, name, commit)) return model;
  return std::nullopt;
}

}  // namespace

std::optional<GgufChoice> choose_files(const std::vector<std::string>& paths, const HubName& name) {
  return name.file.empty() ? choose_gguf(paths, name.quant) : choose_gguf_file(paths, name.file);
}

std::optional<HubModel> find_cached(const HubSettings& settings, const HubName& name) {
  const RepoFolder folder(settings.cache_folder, name.repo);
  const auto commit = folder.commit_of(name.revision);
  if (!commit) return std::nullopt;
  return find_at(folder, name, *commit);
}

std::optional<HubModel> find_cached_somewhere(const HubSettings& settings, const HubName& name) {
  if (auto model = find_cached(settings, name)) return model;
  // A different revision is a different model.
  if (name.revision != HubName().revision) return std::nullopt;
  const RepoFolder folder(settings.cache_folder, name.repo);
  for (const std::string& commit : folder.commits())
    if (auto model = find_at(folder, name, commit)) return model;
  return std::nullopt;
}

std::optional<HubModel> find_cached_checkpoint(const HubSettings& settings, const HubName& name) {
  return find_in_snapshots(settings, name, find_checkpoint_at);
}

std::optional<HubModel> find_cached_adapter(const HubSettings& settings, const HubName& name) {
  const RepoFolder folder(settings.cache_folder, name.repo);
  const auto commit = folder.commit_of(name.revision);
  return commit ? find_adapter_at(folder, name, *commit) : std::nullopt;
}

std::optional<HubModel> find_cached_adapter_somewhere(const HubSettings& settings, const HubName& name) {
  return find_in_snapshots(settings, name, find_adapter_at);
}

Result<std::vector<std::string>> index_at(const fs::path& folder) {
  constexpr std::uintmax_t most_bytes = 64 << 20;
  const fs::path path = folder / checkpoint_index;
  std::error_code failure;
  const std::uintmax_t size = fs::file_size(path, failure);
  if (failure) return Error(ErrorKind::not_configured, "cannot read '" + path.string() + "': " + failure.message());
  if (size > most_bytes) return Error(ErrorKind::engine_failed, "'" + path.string() + "' is too large for an index");
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file && !file.eof()) return Error(ErrorKind::not_configured, "cannot read '" + path.string() + "'");
  return weights_of_index(text);
}

Result<std::optional<HubModel>> find_cached(std::string_view text, const HubOptions& options) {
  return guarded([&]() -> Result<std::optional<HubModel>> {
    const auto name = parse_hub_name(text);
    if (!name) return name.error();
    const auto settings = hub_settings(options);
    if (!settings) return settings.error();
    return find_cached(*settings, *name);
  });
}

}  // namespace abstractllm
