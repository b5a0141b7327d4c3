// SPDX-License-Identifier: Apache-2.0
#include "hub/repo_folder.hpp"

#include <algorithm>
#include <fstream>
#include <system_error>

#include "base/process.hpp"
#include "hub/safe_path.hpp"

namespace abstractllm {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view folder_prefix = "models--";
// https://bford.info/cachedir/: backups skip the folder.
constexpr const char* cache_tag =
    "Signature: 8a477f597d28d172789f06886806bc55\n# This file marks a cache folder of the Hugging Face hub.\n";

Error cannot_write(const fs::path& path, const std::error_code& reason) {
  return {ErrorKind::not_configured, "cannot write the cache folder '" + path.string() + "': " + reason.message() +
                                         "; HF_HUB_CACHE names another one"};
}

Result<void> make_folder(const fs::path& path) {
  std::error_code failure;
  fs::create_directories(path, failure);
  if (failure) return cannot_write(path, failure);
  return {};
}

}  // namespace

RepoFolder::RepoFolder(const fs::path& cache, std::string_view repo) : cache_(cache) {
  const std::string name = std::string(folder_prefix) + dashed_repo(repo);
  folder_ = cache / name;
  locks_ = cache / ".locks" / name;
}

Result<void> RepoFolder::make_folders() const {
  for (const fs::path& folder : {blobs(), folder_ / "snapshots", folder_ / "refs", locks_})
    if (auto made = make_folder(folder); !made) return made;
  const fs::path tag = cache_ / "CACHEDIR.TAG";
  std::error_code ignored;
  if (!fs::exists(tag, ignored)) std::ofstream(tag) << cache_tag;
  return {};
}

std::optional<std::string> RepoFolder::commit_of(std::string_view revision) const {
  if (revision.size() == 40 && is_hex_id(revision)) return std::string(revision);
  std::ifstream file(folder_ / "refs" / revision, std::ios::binary);
  std::string commit;
  if (!file || !std::getline(file, commit) || commit.size() != 40 || !is_hex_id(commit)) return std::nullopt;
  return commit;
}

Result<void> RepoFolder::set_commit(std::string_view revision, std::string_view commit) const {
  if (commit_of(revision) == commit) return {};
  const fs::path ref = folder_ / "refs" / revision;
  if (auto made = make_folder(ref.parent_path()); !made) return made;
  // In one step, so that nobody reads an incomplete file.
  fs::path part = ref;
  part += "." + std::to_string(process_id()) + ".tmp";
  std::error_code failure;
  if (!(std::ofstream(part, std::ios::binary) << commit).flush())
    return cannot_write(part, std::make_error_code(std::errc::io_error));
  fs::rename(part, ref, failure);
  if (failure) return cannot_write(ref, failure);
  return {};
}

Result<void> RepoFolder::link(std::string_view commit, std::string_view file, std::string_view etag) const {
  const fs::path pointer = snapshot(commit) / file;
  std::error_code failure;
  if (fs::exists(pointer, failure)) return {};
  if (auto made = make_folder(pointer.parent_path()); !made) return made;
  fs::remove(pointer, failure);
  const fs::path target = blob(etag).lexically_relative(pointer.parent_path());
  fs::create_symlink(target, pointer, failure);
  if (!failure || fs::exists(pointer, failure)) return {};
  // A file system without links. huggingface_hub moves the file there, too.
  fs::rename(blob(etag), pointer, failure);
  if (failure) return cannot_write(pointer, failure);
  return {};
}

std::vector<std::string> RepoFolder::commits() const {
  std::vector<std::pair<fs::file_time_type, std::string>> found;
  std::error_code failure;
  for (fs::directory_iterator at(folder_ / "snapshots", failure), end; !failure && at != end; at.increment(failure)) {
    std::string name = at->path().filename().string();
    if (name.size() == 40 && is_hex_id(name)) found.emplace_back(at->last_write_time(failure), std::move(name));
  }
  std::sort(found.rbegin(), found.rend());
  std::vector<std::string> names;
  names.reserve(found.size());
  for (auto& [time, name] : found) names.push_back(std::move(name));
  return names;
}

std::vector<std::string> RepoFolder::files(std::string_view commit) const {
  std::vector<std::string> found;
  const fs::path folder = snapshot(commit);
  std::error_code failure;
  fs::recursive_directory_iterator at(folder, failure);
  for (const fs::recursive_directory_iterator end; !failure && at != end; at.increment(failure)) {
    std::error_code dangling;
    if (fs::is_regular_file(at->path(), dangling))
      found.push_back(at->path().lexically_relative(folder).generic_string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string dashed_repo(std::string_view repo) {
  std::string name(repo);
  if (const std::size_t slash = name.find('/'); slash != name.npos) name.replace(slash, 1, "--");
  return name;
}

std::string repo_of_dashed(std::string_view name) {
  std::string repo(name);
  if (const std::size_t dashes = repo.find("--"); dashes != repo.npos) repo.replace(dashes, 2, "/");
  return repo;
}

std::optional<std::string> repo_of_folder(std::string_view folder) {
  if (!folder.starts_with(folder_prefix)) return std::nullopt;
  return repo_of_dashed(folder.substr(folder_prefix.size()));
}

}  // namespace abstractllm
