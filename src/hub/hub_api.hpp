// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hub/hub_client.hpp"

namespace abstractllm {

/// One file of a repository, as the hub lists it.
struct RepoFile {
  std::string path;  ///< safe to join to a folder
  std::int64_t size_bytes = 0;
  std::string etag;  ///< sha256 where the file is large (LFS), else git's sha1: the name of its blob
};

/// A repository at one commit.
struct RepoListing {
  std::string commit;
  std::vector<RepoFile> files;        ///< in the hub's order; those with names that are not safe are left out
  std::vector<std::string> left_out;  ///< their names, untrusted
};

/// Asks what the repository holds at the name's revision. Errors: those of hub_error; protocol.
Result<RepoListing> list_repository(const HubClient& client, const HubName& name, int max_retries);

/// Repositories with GGUF files that were made from this one, most downloaded first; at most five. Empty where the hub
/// does not say.
std::vector<std::string> gguf_repositories_from(const HubClient& client, const std::string& repo);

}  // namespace abstractllm
