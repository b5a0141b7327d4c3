// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>

#include "hub/hub_api.hpp"
#include "hub/repo_folder.hpp"

namespace abstractllm {

/// One file on its way from the hub to its blob.
struct BlobDownload {
  const HubClient& client;
  const RepoFolder& folder;
  HubName name;        ///< for messages
  std::string commit;  ///< what the file is of: a URL by commit gives the same bytes for ever
  RepoFile file;
  int max_retries = 5;
  /// How many bytes of it are there.
  std::function<void(PullProgress::Stage, std::int64_t bytes)> on_bytes;
};

/// Whether the file is there and has that size: whole, as far as a look at it tells. One of another size than the hub
/// says has lost its end, or is somebody else's.
bool has_size(const std::filesystem::path& file, std::int64_t bytes);

/// Makes the blob exist: at once where it does; after waiting, where somebody else downloads it; else by downloading
/// what is missing of it. The blob gets its name after its size and checksum were verified. Errors: as pull().
Result<void> download_blob(const BlobDownload& download);

}  // namespace abstractllm
