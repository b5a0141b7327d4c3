// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "abstractllm/hub.hpp"
#include "hub/hub_api.hpp"
#include "hub/repo_folder.hpp"

namespace abstractllm {

/// The paths of all files in the listing.
std::vector<std::string> paths_of(const RepoListing& listing);

/// A file of the listing: where it is or will be, and whether it exists.
HubFile described_file(const RepoFolder& folder, const std::string& commit, const RepoFile& file);

/// Whether all files of the model are on this disk.
bool is_whole(const HubModel& model);

/// Downloads what is missing of the model's files, one after the other, and notes the commit of its revision. Errors:
/// those of pull().
Result<void> download_files(const HubClient& client, const RepoFolder& folder, HubModel& model,
                            const PullOptions& options);

}  // namespace abstractllm
