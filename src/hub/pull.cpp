// SPDX-License-Identifier: Apache-2.0
#include "hub/pull.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "base/log.hpp"
#include "base/nearest.hpp"
#include "base/thrown.hpp"
#include "hub/blob_download.hpp"
#include "hub/find_cached.hpp"
#include "hub/hub_api.hpp"
#include "hub/hub_client.hpp"
#include "hub/pull_meter.hpp"
#include "hub/repo_folder.hpp"
#include "transport/curl/curl_transport.hpp"

namespace abstractllm {
namespace {

namespace fs = std::filesystem;

std::string joined(const std::vector<std::string>& words, std::size_t most) {
  std::string list;
  for (std::size_t i = 0; i < std::min(words.size(), most); ++i) list += (i == 0 ? "" : ", ") + words[i];
  if (words.size() > most) list += " and " + std::to_string(words.size() - most) + " more";
  return list;
}

std::vector<std::string> paths_of(const RepoListing& listing) {
  std::vector<std::string> paths;
  for (const RepoFile& file : listing.files) paths.push_back(file.path);
  return paths;
}

Error no_gguf(const HubClient& client, const HubName& name, const RepoListing& listing) {
  constexpr std::size_t most_named = 6;
  std::string message = "model '" + name.repo + "' has no GGUF file, which is what runs in this process; it has ";
  message += listing.files.empty() ? "no file" : joined(paths_of(listing), most_named);
  if (listing.left_out > 0) message += " and files whose names cannot be used here";
  const std::vector<std::string> made = gguf_repositories_from(client, name.repo);
  if (made.empty())
    message += "; the hub lists no GGUF repository that was made from it: look for one on " +
               client.settings().endpoint + "/models?search=gguf";
  else message += "; GGUF repositories made from it: " + joined(made, made.size());
  return {ErrorKind::not_found, message};
}

Error no_such_choice(const HubName& name, const std::vector<std::string>& paths) {
  constexpr std::size_t most_named = 30;
  const bool asked_file = !name.file.empty();
  std::vector<std::string> known = gguf_alternatives(paths);
  if (asked_file) std::copy_if(paths.begin(), paths.end(), std::back_inserter(known = {}), is_gguf_model);
  const std::string& asked = asked_file ? name.file : name.quant;
  std::string message = "model '" + name.repo + "' has no " + (asked_file ? "file '" : "quantisation '") + asked + "'";
  const std::vector<std::string_view> names(known.begin(), known.end());
  if (const auto nearest = nearest_name(asked, names)) message += "; did you mean '" + std::string(*nearest) + "'?";
  return {ErrorKind::not_found, message + " (it has " + joined(known, most_named) + ")"};
}

Result<GgufChoice> choose(const HubClient& client, const HubName& name, const RepoListing& listing) {
  const std::vector<std::string> paths = paths_of(listing);
  auto choice = choose_files(paths, name);
  if (choice && choice->complete) return *std::move(choice);
  if (choice)
    return Error(ErrorKind::not_found, "model '" + name.repo + "' lacks parts of '" + choice->model.front() +
                                           "': " + std::to_string(choice->model.size()) + " are there");
  if (std::none_of(paths.begin(), paths.end(), is_gguf_model)) return no_gguf(client, name, listing);
  return no_such_choice(name, paths);
}

HubFile described(const RepoFolder& folder, const std::string& commit, const RepoFile& file) {
  HubFile made{file.path, file.size_bytes, file.etag, false, (folder.snapshot(commit) / file.path).string()};
  made.cached = has_size(folder.blob(file.etag), file.size_bytes) || has_size(made.local_path, file.size_bytes);
  return made;
}

HubModel described(const RepoFolder& folder, const HubName& name, const RepoListing& listing,
                   const GgufChoice& choice) {
  HubModel model;
  model.name = name;
  model.commit = listing.commit;
  std::unordered_map<std::string_view, const RepoFile*> known;
  for (const RepoFile& file : listing.files) known.emplace(file.path, &file);
  for (const std::string& path : choice.model)
    model.files.push_back(described(folder, listing.commit, *known.at(path)));
  model.model_file = model.files.front().local_path;
  if (!choice.projector.empty()) {
    model.files.push_back(described(folder, listing.commit, *known.at(choice.projector)));
    model.projector_file = model.files.back().local_path;
  }
  model.alternatives = gguf_alternatives(paths_of(listing));
  return model;
}

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

/// Downloads what is missing of the model's files, one after the other.
Result<void> download(const HubClient& client, const RepoFolder& folder, HubModel& model, const PullOptions& options) {
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

bool is_whole(const HubModel& model) {
  return std::all_of(model.files.begin(), model.files.end(),
                     [](const HubFile& file) { return has_size(file.local_path, file.size_bytes); });
}

/// `patience`: how often the hub is asked again.
Result<HubModel> pull_from_hub(const HubClient& client, const HubName& name, const PullOptions& options, int patience) {
  const auto listing = list_repository(client, name, patience);
  if (!listing) return listing.error();
  const auto choice = choose(client, name, *listing);
  if (!choice) return choice.error();
  const RepoFolder folder(client.settings().cache_folder, name.repo);
  HubModel model = described(folder, name, *listing, *choice);
  if (options.dry_run) return model;
  if (is_whole(model)) {
    // Everything exists, so a folder without write permission does not matter.
    if (auto noted = folder.set_commit(name.revision, model.commit); !noted && log_enabled(LogLevel::debug))
      log({LogLevel::debug, "hub_cache", noted.error().message, {}});
    return model;
  }
  if (auto done = download(client, folder, model, options); !done) return std::move(done).error();
  return model;
}

Error not_here(const HubSettings& settings, const HubName& name) {
  return {ErrorKind::not_configured,
          "model '" + to_string(name) + "' is not in '" + settings.cache_folder.string() +
              "', and HF_HUB_OFFLINE forbids to fetch it: unset it, or pull the model first"};
}

}  // namespace

Result<HubModel> pull(const HubSettings& settings, const HubName& name, const PullOptions& options,
                      std::shared_ptr<Transport> transport, Clock& clock) {
  auto cached = find_cached_somewhere(settings, name);
  if (settings.offline && !cached) return not_here(settings, name);
  if (settings.offline) return *std::move(cached);
  const HubClient client(settings, std::move(transport), options.stop_token, clock);
  auto pulled = pull_from_hub(client, name, options, cached ? 0 : options.max_retries);
  // Whatever was under way when it came.
  if (!pulled && options.stop_token.stop_requested()) return Error(ErrorKind::cancelled, "the download was stopped");
  if (pulled || !cached || !is_unreachable(pulled.error())) return pulled;
  log({LogLevel::warn, "hub_unreachable", pulled.error().message + "; using what is on this disk", {}});
  return *std::move(cached);
}

Result<HubModel> pull(std::string_view text, const PullOptions& options) {
  return guarded([&]() -> Result<HubModel> {
    const auto name = parse_hub_name(text);
    if (!name) return name.error();
    const auto settings = hub_settings(options.hub);
    if (!settings) return settings.error();
    auto model = pull(*settings, *name, options, make_curl_transport(), Clock::system());
    if (model) return model;
    Error error = std::move(model).error();
    error.provider = "huggingface";
    error.model = text;
    return error;
  });
}

}  // namespace abstractllm
