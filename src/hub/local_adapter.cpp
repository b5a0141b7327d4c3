// SPDX-License-Identifier: Apache-2.0
#include "hub/local_adapter.hpp"

#include <system_error>
#include <utility>

#include "base/disk_file.hpp"
#include "hub/checkpoint_files.hpp"
#include "hub/find_cached.hpp"
#include "hub/import/adapter_source.hpp"
#include "hub/import/import_cache.hpp"
#include "hub/pull.hpp"
#include "transport/curl/curl_transport.hpp"

namespace abstractllm {
namespace {

namespace fs = std::filesystem;

Error about_hub_adapter(const std::string& adapter, Error error) {
  error.message = "adapter '" + adapter + "' is not on this disk, so it was looked for on the hub: " + error.message;
  return error;
}

Error no_adapter_folder(const std::string& adapter) {
  return {ErrorKind::not_found, "adapter '" + adapter +
                                    "' does not exist: give the path of a .gguf file, or of a folder with "
                                    "adapter_config.json, or ORG/NAME of the hub"};
}

Error no_import_folder() {
  return {ErrorKind::not_configured, "there is no folder for imported adapters: set XDG_CACHE_HOME or HOME"};
}

/// What only a path can be, even if it looks like ORG/NAME.
bool begins_like_a_path(const std::string& adapter) {
  return adapter.starts_with('/') || adapter.starts_with("./") || adapter.starts_with("../") ||
         adapter.starts_with('~');
}

Result<void> check_adapter_folder(const std::string& adapter) {
  std::error_code failure;
  if (fs::is_regular_file(fs::path(adapter) / peft_file_names[0], failure)) return {};
  return Error(ErrorKind::not_found, "adapter '" + adapter +
                                         "' is a folder without adapter_config.json, so it holds no adapter that "
                                         "PEFT saved");
}

}  // namespace

LocalAdapters::LocalAdapters(const HubOptions& options, GgufEngine engine)
    : hub_(hub_settings(options)), engine_(std::move(engine)), imported_(imported_folder()) {}

Result<std::string> LocalAdapters::fetch(const std::string& adapter, const GgufDescription& base,
                                         std::stop_token stop) const {
  std::error_code failure;
  if (fs::is_directory(adapter, failure)) return from_folder(adapter, base, std::move(stop));
  const auto name = parse_hub_name(adapter);
  const bool is_file = fs::exists(adapter, failure) || (name ? name->repo : adapter).ends_with(".gguf");
  if (is_file) return adapter;
  if (!name || begins_like_a_path(adapter)) return no_adapter_folder(adapter);
  if (!name->quant.empty())
    return Error(ErrorKind::invalid_argument,
                 "adapter '" + adapter + "' has a quantisation, and adapters have none: write ORG/NAME[@REVISION]");
  if (!hub_) return about_hub_adapter(adapter, hub_.error());
  return from_hub(*name, base, std::move(stop));
}

Result<std::string> LocalAdapters::from_folder(const std::string& folder, const GgufDescription& base,
                                               std::stop_token stop) const {
  if (!imported_) return no_import_folder();
  if (auto checked = check_adapter_folder(folder); !checked) return std::move(checked).error();
  return imported_adapter({*imported_, folder, folder, {}, {}, std::move(stop)}, base, engine_, Clock::system());
}

/// As for models, what is on this disk is used without asking the hub.
Result<HubModel> LocalAdapters::downloaded(const HubName& name, const std::stop_token& stop) const {
  auto cached = name.file.empty() ? find_cached_adapter(*hub_, name) : find_cached(*hub_, name);
  if (cached) return *std::move(cached);
  PullOptions options;
  options.stop_token = stop;
  PullPlan plan;
  plan.form = name.file.empty() ? PullForm::adapter : PullForm::gguf;
  auto pulled = pull(*hub_, name, options, make_curl_transport(), Clock::system(), plan);
  if (!pulled) return about_hub_adapter(to_string(name), std::move(pulled).error());
  return pulled;
}

Result<std::string> LocalAdapters::from_hub(const HubName& name, const GgufDescription& base,
                                            std::stop_token stop) const {
  if (!imported_) return no_import_folder();
  const auto files = downloaded(name, stop);
  if (!files) return files.error();
  for (const HubFile& file : files->files) touch_access_time(file.local_path);
  if (!name.file.empty()) return files->model_file;
  const AdapterSource source{*imported_, files->model_file, to_string(name), name.repo, files->commit, std::move(stop)};
  return imported_adapter(source, base, engine_, Clock::system());
}

}  // namespace abstractllm
