// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/result.hpp"

namespace abstractllm {

/// One repository's folder in the cache, in the layout of huggingface_hub
/// (https://huggingface.co/docs/huggingface_hub/guides/manage-cache): blobs/ETAG, refs/REVISION, snapshots/COMMIT/PATH
/// (links to blobs), and beside all repositories .locks/FOLDER/ETAG.lock. Names given to it are safe (safe_path.hpp).
class RepoFolder {
 public:
  /// `repo`: "org/name". Touches nothing.
  RepoFolder(const std::filesystem::path& cache, std::string_view repo);

  const std::filesystem::path& path() const { return folder_; }
  std::filesystem::path blobs() const { return folder_ / "blobs"; }
  std::filesystem::path blob(std::string_view etag) const { return blobs() / etag; }
  /// What has come of a blob: not that of huggingface_hub, whose names are unique to one process
  /// (ETAG.8HEX.incomplete).
  std::filesystem::path incomplete(std::string_view etag) const {
    return blobs() / (std::string(etag) + ".incomplete");
  }
  std::filesystem::path lock(std::string_view etag) const { return locks_ / (std::string(etag) + ".lock"); }
  const std::filesystem::path& locks() const { return locks_; }
  std::filesystem::path snapshot(std::string_view commit) const { return folder_ / "snapshots" / commit; }

  /// Makes the folders for a download. Errors: not_configured, as those below.
  Result<void> prepare() const;
  /// The commit that the revision stood for when it was last asked; a commit stands for itself.
  std::optional<std::string> commit_of(std::string_view revision) const;
  Result<void> set_commit(std::string_view revision, std::string_view commit) const;
  /// Makes snapshots/COMMIT/PATH lead to the blob; replaces a link that leads nowhere.
  Result<void> link(std::string_view commit, std::string_view file, std::string_view etag) const;
  /// The commits that have a snapshot; the latest first.
  std::vector<std::string> commits() const;
  /// Paths of the snapshot's files that are there: links that lead nowhere are not. Sorted.
  std::vector<std::string> files(std::string_view commit) const;

 private:
  std::filesystem::path cache_;
  std::filesystem::path folder_;
  std::filesystem::path locks_;
};

/// "org/name" of "models--org--name", or nothing.
std::optional<std::string> repo_of_folder(std::string_view folder);

}  // namespace abstractllm
