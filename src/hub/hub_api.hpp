// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hub/hub_http.hpp"

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
  std::vector<RepoFile> files;        ///< in the hub's order, without files whose names are not safe
  std::vector<std::string> left_out;  ///< the names of these files, untrusted
};

/// Asks for the files of the repository at the revision in the name. Errors: those of hub_error; protocol.
Result<RepoListing> list_repository(const HubHttp& http, const HubName& name, int max_retries);

/// At most five repositories with GGUF files that were made from this one, the most downloaded first. Empty if the hub
/// does not report any.
std::vector<std::string> gguf_repositories_from(const HubHttp& http, const std::string& repo);

}  // namespace abstractllm
