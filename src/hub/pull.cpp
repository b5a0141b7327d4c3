// SPDX-License-Identifier: Apache-2.0
#include "hub/pull.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "base/log.hpp"
#include "base/nearest.hpp"
#include "base/thrown.hpp"
#include "hub/checkpoint_files.hpp"
#include "hub/find_cached.hpp"
#include "hub/hub_api.hpp"
#include "hub/hub_client.hpp"
#include "hub/pull_files.hpp"
#include "hub/repo_folder.hpp"
#include "transport/curl/curl_transport.hpp"

namespace abstractllm {
namespace {

std::string joined(const std::vector<std::string>& words, std::size_t most) {
  std::string list;
  for (std::size_t i = 0; i < std::min(words.size(), most); ++i) list += (i == 0 ? "" : ", ") + words[i];
  if (words.size() > most) list += " and " + std::to_string(words.size() - most) + " more";
  return list;
}

/// Why a repository without a GGUF file cannot be used.
Error no_gguf(const HubClient& client, const HubName& name, const RepoListing& listing, PullForm form) {
  constexpr std::size_t most_named = 6;
  const std::vector<std::string> paths = paths_of(listing);
  const std::string wanted = form == PullForm::checkpoint ? "safetensors checkpoint that could be imported"
                                                          : "GGUF file, which is what runs in this process";
  std::string message = "model '" + name.repo + "' has no " + wanted + "; it has ";
  message += listing.files.empty() ? "no file" : joined(paths, most_named);
  if (listing.left_out > 0) message += " and files whose names cannot be used here";
  if (form == PullForm::gguf && choose_checkpoint(paths))
    message += "; `abstractllm import " + name.repo + "` makes a GGUF file of its safetensors";
  else if (std::any_of(paths.begin(), paths.end(), is_pickle_name))
    message += "; pickle files such as *.bin can run any code when they are opened, so they are never used";
  return {ErrorKind::not_found, message + gguf_advice(client, name.repo)};
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

Result<GgufChoice> choose(const HubClient& client, const HubName& name, const RepoListing& listing, PullForm form) {
  const std::vector<std::string> paths = paths_of(listing);
  auto choice = choose_files(paths, name);
  if (choice && choice->complete) return *std::move(choice);
  if (choice)
    return Error(ErrorKind::not_found, "model '" + name.repo + "' lacks parts of '" + choice->model.front() +
                                           "': " + std::to_string(choice->model.size()) + " are there");
  if (std::none_of(paths.begin(), paths.end(), is_gguf_model)) return no_gguf(client, name, listing, form);
  return no_such_choice(name, paths);
}

HubModel described(const RepoFolder& folder, const HubName& name, const RepoListing& listing,
                   const GgufChoice& choice) {
  HubModel model;
  model.name = name;
  model.commit = listing.commit;
  std::unordered_map<std::string_view, const RepoFile*> known;
  for (const RepoFile& file : listing.files) known.emplace(file.path, &file);
  for (const std::string& path : choice.model)
    model.files.push_back(described_file(folder, listing.commit, *known.at(path)));
  model.model_file = model.files.front().local_path;
  if (!choice.projector.empty()) {
    model.files.push_back(described_file(folder, listing.commit, *known.at(choice.projector)));
    model.projector_file = model.files.back().local_path;
  }
  model.alternatives = gguf_alternatives(paths_of(listing));
  return model;
}

/// Everything exists, so a folder without write permission does not matter.
void note_commit(const RepoFolder& folder, const HubModel& model) {
  if (auto noted = folder.set_commit(model.name.revision, model.commit); !noted && log_enabled(LogLevel::debug))
    log({LogLevel::debug, "hub_cache", noted.error().message, {}});
}

/// Downloads what is missing of the files.
Result<void> make_whole(const HubClient& client, HubModel& model, const PullOptions& options) {
  const RepoFolder folder(client.settings().cache_folder, model.name.repo);
  if (!is_whole(model)) return download_files(client, folder, model, options);
  note_commit(folder, model);
  return {};
}

/// Adds files of the listing to the model. Errors: not_found for a path that the listing lacks.
Result<void> add_files(const HubClient& client, const RepoListing& listing, const std::vector<std::string>& paths,
                       HubModel& model) {
  const RepoFolder folder(client.settings().cache_folder, model.name.repo);
  std::unordered_map<std::string_view, const RepoFile*> known;
  for (const RepoFile& file : listing.files) known.emplace(file.path, &file);
  for (const std::string& path : paths) {
    const auto found = known.find(path);
    if (found == known.end())
      return Error(ErrorKind::not_found, "model '" + model.name.repo + "' lacks the file '" + path + "', which its '" +
                                             std::string(checkpoint_index) + "' names");
    model.files.push_back(described_file(folder, listing.commit, *found->second));
  }
  return {};
}

/// First the small files, because the index among them names the others.
Result<HubModel> pull_checkpoint(const HubClient& client, const HubName& name, const RepoListing& listing,
                                 const CheckpointFiles& files, const PullOptions& options, const PullPlan& plan) {
  HubModel model;
  model.name = name;
  model.commit = listing.commit;
  const RepoFolder folder(client.settings().cache_folder, name.repo);
  model.model_file = folder.snapshot(listing.commit).string();
  if (plan.is_done && plan.is_done(model)) {
    note_commit(folder, model);
    return model;
  }
  if (auto added = add_files(client, listing, files.small, model); !added) return std::move(added).error();
  if (auto done = make_whole(client, model, options); !done) return std::move(done).error();
  std::vector<std::string> weights = files.weights;
  if (files.has_index) {
    auto named = index_at(folder.snapshot(listing.commit));
    if (!named) return std::move(named).error();
    weights.insert(weights.end(), named->begin(), named->end());
  }
  if (auto added = add_files(client, listing, weights, model); !added) return std::move(added).error();
  if (plan.check)
    if (auto checked = plan.check(client, model); !checked) return std::move(checked).error();
  if (auto done = make_whole(client, model, options); !done) return std::move(done).error();
  return model;
}

/// Why a repository has no adapter that could be used.
Error no_adapter(const HubName& name, const std::vector<std::string>& paths) {
  constexpr std::size_t most_named = 6;
  const auto has = [&](std::string_view path) { return std::find(paths.begin(), paths.end(), path) != paths.end(); };
  if (has("adapter_model.bin") && !has(peft_file_names[1]))
    return {ErrorKind::unsupported, "'" + name.repo +
                                        "' has its adapter only as 'adapter_model.bin'; pickle files are never opened "
                                        "because they can run code. Use one with adapter_model.safetensors"};
  return {ErrorKind::not_found, "'" + name.repo +
                                    "' has no adapter that could be imported (adapter_config.json with "
                                    "adapter_model.safetensors); it has " +
                                    (paths.empty() ? "no file" : joined(paths, most_named))};
}

Result<HubModel> pull_adapter(const HubClient& client, const HubName& name, const RepoListing& listing,
                              const PullOptions& options) {
  const std::vector<std::string> paths = paths_of(listing);
  for (const std::string_view each : peft_file_names)
    if (std::find(paths.begin(), paths.end(), each) == paths.end()) return no_adapter(name, paths);
  HubModel model;
  model.name = name;
  model.commit = listing.commit;
  model.model_file = RepoFolder(client.settings().cache_folder, name.repo).snapshot(listing.commit).string();
  const std::vector<std::string> wanted(peft_file_names.begin(), peft_file_names.end());
  if (auto added = add_files(client, listing, wanted, model); !added) return std::move(added).error();
  if (auto done = make_whole(client, model, options); !done) return std::move(done).error();
  return model;
}

/// `patience`: how often the hub is asked again.
Result<HubModel> pull_from_hub(const HubClient& client, const HubName& name, const PullOptions& options,
                               const PullPlan& plan, int patience) {
  const auto listing = list_repository(client, name, patience);
  if (!listing) return listing.error();
  if (plan.form == PullForm::adapter) return pull_adapter(client, name, *listing, options);
  const std::vector<std::string> paths = paths_of(*listing);
  const bool has_gguf = std::any_of(paths.begin(), paths.end(), is_gguf_model);
  const bool wants_checkpoint =
      plan.form == PullForm::checkpoint || (plan.form == PullForm::gguf_or_checkpoint && !has_gguf);
  if (wants_checkpoint && name.file.empty()) {
    if (const auto files = choose_checkpoint(paths))
      return pull_checkpoint(client, name, *listing, *files, options, plan);
    return no_gguf(client, name, *listing, plan.form);
  }
  const auto choice = choose(client, name, *listing, plan.form);
  if (!choice) return choice.error();
  HubModel model = described(RepoFolder(client.settings().cache_folder, name.repo), name, *listing, *choice);
  if (options.dry_run) return model;
  if (auto done = make_whole(client, model, options); !done) return std::move(done).error();
  return model;
}

std::optional<HubModel> cached_in_some_form(const HubSettings& settings, const HubName& name, PullForm form) {
  if (form == PullForm::adapter) return find_cached_adapter_somewhere(settings, name);
  if (form != PullForm::checkpoint)
    if (auto model = find_cached_somewhere(settings, name)) return model;
  if (form == PullForm::gguf) return std::nullopt;
  return find_cached_checkpoint(settings, name);
}

Error not_here(const HubSettings& settings, const HubName& name, PullForm form) {
  const bool is_adapter = form == PullForm::adapter;
  return {ErrorKind::not_configured, (is_adapter ? "adapter '" : "model '") + to_string(name) + "' is not in '" +
                                         settings.cache_folder.string() +
                                         "', and HF_HUB_OFFLINE forbids to fetch it: unset it, or " +
                                         (is_adapter ? "use it once without it" : "pull the model first")};
}

}  // namespace

bool is_checkpoint(const HubModel& model) { return !model.model_file.ends_with(".gguf"); }

std::string gguf_advice(const HubClient& client, const std::string& repo) {
  const std::vector<std::string> made = gguf_repositories_from(client, repo);
  if (!made.empty()) return "; GGUF repositories made from it: " + joined(made, made.size());
  return "; the hub lists no GGUF repository that was made from it: look for one on " + client.settings().endpoint +
         "/models?search=gguf";
}

Result<HubModel> pull(const HubSettings& settings, const HubName& name, const PullOptions& options,
                      std::shared_ptr<Transport> transport, Clock& clock, const PullPlan& plan) {
  auto cached = cached_in_some_form(settings, name, plan.form);
  if (settings.offline && !cached) return not_here(settings, name, plan.form);
  if (settings.offline) return *std::move(cached);
  const HubClient client(settings, std::move(transport), options.stop_token, clock);
  auto pulled = pull_from_hub(client, name, options, plan, cached ? 0 : options.max_retries);
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
