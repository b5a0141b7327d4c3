// SPDX-License-Identifier: Apache-2.0
#include "hub/local_model.hpp"

#include <system_error>
#include <utility>

#include "base/clock.hpp"
#include "base/disk_file.hpp"
#include "hub/default_model.hpp"
#include "hub/find_cached.hpp"
#include "hub/import/import_source.hpp"
#include "hub/pull.hpp"
#include "transport/curl/curl_transport.hpp"

namespace abstractllm {
namespace {

/// An existing file is a path, whatever it looks like. Otherwise the text is a name if it can be one. "name.gguf" and
/// "folder/name.gguf" cannot be names: text with the ending of a file is a file, unless it is within a repository.
bool is_path(const std::string& model, const HubName& name) {
  std::error_code ignored;
  return name.repo.ends_with(".gguf") || std::filesystem::exists(model, ignored);
}

Error about(const std::string& model, Error error) {
  error.message = "model '" + model + "' is not a file here, so it was looked for on the hub: " + error.message;
  return error;
}

LocalModel files_of(const HubModel& model) { return {model.model_file, model.projector_file}; }

LocalModel files_of(ImportedModel model) {
  return {std::move(model.model_file), std::move(model.projector_file), std::move(model.warnings)};
}

LocalModel instead_of_default(LocalModel fallback, const std::string& reason) {
  fallback.warnings.push_back(
      {"default_model_replaced",
       "the default model '" + std::string(default_model_name) + "' " + reason +
           "; SmolLM2-135M-Instruct answers in its place, the smallest model, which is often wrong"});
  return fallback;
}

/// The hub also gives this answer for a repository that does not exist, if the request has no token.
bool is_gone(const Error& error) {
  return error.kind == ErrorKind::not_found || error.kind == ErrorKind::authentication ||
         error.kind == ErrorKind::permission;
}

LocalModel used(const HubModel& model) {
  for (const HubFile& file : model.files) touch_access_time(file.local_path);
  return files_of(model);
}

LocalModel used(const ImportedModel& model) {
  touch_access_time(model.model_file);
  return files_of(model);
}

}  // namespace

LocalModels::LocalModels(const HubOptions& options, GgufEngine engine)
    : hub_(hub_settings(options)),
      engine_(std::move(engine)),
      imported_(imported_folder()),
      quickstart_(quickstart_folder()) {}

/// A folder that cannot be imported stays what it is: the engine's error has the advice.
std::optional<LocalModel> LocalModels::folder_on_disk(const std::string& model) const {
  if (!is_checkpoint_folder(model)) return LocalModel{model, std::nullopt};
  if (!imported_) return std::nullopt;
  auto found = find_imported(place_of_folder(*imported_, model, source_files(model)), "");
  if (!found) return std::nullopt;
  return files_of(*std::move(found));
}

std::optional<LocalModel> LocalModels::named(const std::string& model) const {
  const auto name = parse_hub_name(model);
  if (!name || is_path(model, *name)) return folder_on_disk(model);
  if (hub_)
    if (const auto cached = find_cached(*hub_, *name)) return files_of(*cached);
  if (hub_ && imported_)
    if (auto found = find_imported(*imported_, *hub_, *name)) return files_of(*std::move(found));
  if (model != fallback_model_name || !quickstart_) return std::nullopt;
  auto file = file_of_fallback_model(*quickstart_);
  if (!file) return std::nullopt;
  return LocalModel{*std::move(file), std::nullopt};
}

std::optional<LocalModel> LocalModels::on_disk(const std::string& model) const {
  if (auto found = named(model)) return found;
  if (model != default_model_name) return std::nullopt;
  auto fallback = named(std::string(fallback_model_name));
  if (!fallback) return std::nullopt;
  return instead_of_default(*std::move(fallback),
                            "is not on this disk (abstractllm pull " + std::string(default_model_name) + ")");
}

Result<LocalModel> LocalModels::import_folder(const std::string& model, std::stop_token stop) const {
  ImportSetup setup{imported_, engine_, std::move(stop)};
  setup.must_fit = true;
  const auto made = import_from_folder(setup, model, ImportType());
  if (!made) return made.error();
  return used(*made);
}

/// Downloads a model, and imports it if it has no GGUF file.
Result<LocalModel> LocalModels::fetch_named(const HubName& name, std::stop_token stop) const {
  PullOptions options;
  options.stop_token = stop;
  ImportSetup setup{imported_, engine_, std::move(stop)};
  setup.must_fit = true;
  // A quantisation that only a GGUF file can have is no error before it is known that there is none.
  const auto type = import_type(name.quant, engine_);
  const PullPlan plan = plan_of_import(setup, type ? *type : ImportType(), PullForm::gguf_or_checkpoint);
  const auto pulled = pull(*hub_, name, options, make_curl_transport(), Clock::system(), plan);
  if (!pulled) return pulled.error();
  if (!is_checkpoint(*pulled)) return used(*pulled);
  if (!type) return type.error();
  const auto made = import_from_hub(setup, *hub_, *pulled, *type);
  if (!made) return made.error();
  return used(*made);
}

Result<LocalModel> LocalModels::fetch(const std::string& model, std::stop_token stop) const {
  const auto name = parse_hub_name(model);
  const bool path = !name || is_path(model, *name);
  if (!path && hub_)
    if (const auto cached = find_cached(*hub_, *name)) return used(*cached);
  if (auto found = on_disk(model)) return *std::move(found);
  if (path) return import_folder(model, std::move(stop));
  if (!hub_) return about(model, hub_.error());
  auto fetched = fetch_named(*name, stop);
  if (fetched) return fetched;
  if (model != default_model_name || !is_gone(fetched.error())) return about(model, fetched.error());
  auto fallback = fetch(std::string(fallback_model_name), std::move(stop));
  if (!fallback) return about(model, fetched.error());
  return instead_of_default(*std::move(fallback), "is not on the hub");
}

}  // namespace abstractllm
