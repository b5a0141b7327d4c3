// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>

#include "hub/hub_api.hpp"
#include "hub/repo_folder.hpp"

namespace abstractllm {

/// The download of one file from the hub into its blob.
struct BlobDownload {
  const HubClient& client;
  const RepoFolder& folder;
  HubName name;        ///< used in messages
  std::string commit;  ///< the commit of the file; a URL with a commit always gives the same bytes
  RepoFile file;
  int max_retries = 5;
  /// The number of bytes that are on this disk.
  std::function<void(PullProgress::Stage, std::int64_t bytes)> on_bytes;
};

/// Whether the file exists and has that size, which means that it seems complete. A file of another size has lost its
/// end, or was written by another program.
bool has_size(const std::filesystem::path& file, std::int64_t bytes);

/// Makes sure that the blob exists. It returns at once if it exists, waits if another process downloads it, and
/// otherwise downloads the missing bytes. The blob gets its name after its size and checksum are verified. Errors:
/// those of pull().
Result<void> download_blob(const BlobDownload& download);

}  // namespace abstractllm
