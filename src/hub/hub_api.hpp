// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hub/hub_client.hpp"

namespace abstractllm {

/// One file of a repository in the hub's listing.
struct RepoFile {
  std::string path;  ///< may be joined to a folder
  std::int64_t size_bytes = 0;
  std::string etag;  ///< sha256 for a large file (LFS), otherwise git's sha1; it is the name of the blob
};

/// A repository at one commit.
struct RepoListing {
  std::string commit;
  std::vector<RepoFile> files;  ///< in the hub's order, without files whose names are not safe
  std::size_t left_out = 0;     ///< the number of these files
};

/// Asks what the repository holds at the name's revision. Errors: those of hub_error; protocol.
Result<RepoListing> list_repository(const HubClient& client, const HubName& name, int max_retries);

/// Repositories with GGUF files that were made from this one, most downloaded first; at most five. Empty where the hub
/// does not say.
std::vector<std::string> gguf_repositories_from(const HubClient& client, const std::string& repo);

}  // namespace abstractllm
