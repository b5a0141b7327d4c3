// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/result.hpp"

namespace abstractllm {

/// The folder of one repository in the cache, in the layout of huggingface_hub
/// (https://huggingface.co/docs/huggingface_hub/guides/manage-cache): blobs/ETAG, refs/REVISION, snapshots/COMMIT/PATH
/// (links to blobs), and next to all repositories .locks/FOLDER/ETAG.lock. All names must be safe (safe_path.hpp).
class RepoFolder {
 public:
  /// `repo` is "org/name". Does not touch the disk.
  RepoFolder(const std::filesystem::path& cache, std::string_view repo);

  const std::filesystem::path& path() const { return folder_; }
  std::filesystem::path blobs() const { return folder_ / "blobs"; }
  std::filesystem::path blob(std::string_view etag) const { return blobs() / etag; }
  /// The partial file of a blob. It differs from the file of huggingface_hub, whose name is unique to one process
  /// (ETAG.8HEX.incomplete).
  std::filesystem::path incomplete(std::string_view etag) const {
    return blobs() / (std::string(etag) + ".incomplete");
  }
  std::filesystem::path lock(std::string_view etag) const { return locks_ / (std::string(etag) + ".lock"); }
  const std::filesystem::path& locks() const { return locks_; }
  std::filesystem::path snapshot(std::string_view commit) const { return folder_ / "snapshots" / commit; }

  /// Creates the folders for a download. Errors: not_configured, also for the functions below.
  Result<void> make_folders() const;
  /// The commit that the revision had when the hub was last asked. For a commit it is the commit itself.
  std::optional<std::string> commit_of(std::string_view revision) const;
  Result<void> set_commit(std::string_view revision, std::string_view commit) const;
  /// Makes snapshots/COMMIT/PATH link to the blob. Replaces a broken link.
  Result<void> link(std::string_view commit, std::string_view file, std::string_view etag) const;
  /// The commits that have a snapshot, the latest first.
  std::vector<std::string> commits() const;
  /// The paths of the snapshot's existing files, sorted. Broken links are left out.
  std::vector<std::string> files(std::string_view commit) const;

 private:
  std::filesystem::path cache_;
  std::filesystem::path folder_;
  std::filesystem::path locks_;
};

/// "org--name" for "org/name": a repository as a part of a file name.
std::string dashed_repo(std::string_view repo);
/// The opposite.
std::string repo_of_dashed(std::string_view name);

/// The "org/name" of "models--org--name", or nullopt.
std::optional<std::string> repo_of_folder(std::string_view folder);

}  // namespace abstractllm
