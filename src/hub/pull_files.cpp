// SPDX-License-Identifier: Apache-2.0
#include "hub/pull_files.hpp"

#include <algorithm>
#include <system_error>

#include "base/log.hpp"
#include "hub/blob_download.hpp"
#include "hub/pull_meter.hpp"

namespace abstractllm {
namespace {

namespace fs = std::filesystem;

/// Programs that only see the log draw their progress bars from this.
void log_progress(const HubName& name, const PullProgress& progress) {
  if (!log_enabled(LogLevel::debug)) return;
  LogRecord record;
  record.level = LogLevel::debug;
  record.event = "download_progress";
  record.fields = {{"model", to_string(name)},
                   {"file", progress.file},
                   {"waiting", progress.stage == PullProgress::Stage::waiting},
                   {"bytes", progress.bytes},
                   {"total_bytes", progress.total_bytes},
                   {"bytes_per_second", progress.bytes_per_second}};
  if (progress.seconds_left) record.fields.push_back({"seconds_left", *progress.seconds_left});
  log(record);
}

}  // namespace

std::vector<std::string> paths_of(const RepoListing& listing) {
  std::vector<std::string> paths;
  for (const RepoFile& file : listing.files) paths.push_back(file.path);
  return paths;
}

HubFile described_file(const RepoFolder& folder, const std::string& commit, const RepoFile& file) {
  HubFile made{file.path, file.size_bytes, file.etag, false, (folder.snapshot(commit) / file.path).string()};
  made.cached = has_size(folder.blob(file.etag), file.size_bytes) || has_size(made.local_path, file.size_bytes);
  return made;
}

bool is_whole(const HubModel& model) {
  return std::all_of(model.files.begin(), model.files.end(),
                     [](const HubFile& file) { return has_size(file.local_path, file.size_bytes); });
}

Result<void> download_files(const HubClient& client, const RepoFolder& folder, HubModel& model,
                            const PullOptions& options) {
  std::int64_t total = 0;
  for (const HubFile& file : model.files) total += file.size_bytes;
  const auto tell = [&](const PullProgress& progress) {
    log_progress(model.name, progress);
    if (options.on_progress) options.on_progress(progress);
  };
  PullMeter meter(tell, total, client.clock());
  if (auto prepared = folder.make_folders(); !prepared) return prepared;
  std::int64_t before = 0;
  for (HubFile& file : model.files) {
    meter.begin(file.path, before);
    // A file without a blob came from a system without links.
    if (!has_size(file.local_path, file.size_bytes)) {
      std::error_code absent;
      fs::remove(file.local_path, absent);
      const BlobDownload blob{client,
                              folder,
                              model.name,
                              model.commit,
                              {file.path, file.size_bytes, file.etag},
                              options.max_retries,
                              [&](PullProgress::Stage stage, std::int64_t bytes) { meter.count(stage, bytes); }};
      if (auto done = download_blob(blob); !done) return done;
      if (auto linked = folder.link(model.commit, file.path, file.etag); !linked) return linked;
    }
    file.cached = true;
    before += file.size_bytes;
  }
  return folder.set_commit(model.name.revision, model.commit);
}

}  // namespace abstractllm
