// SPDX-License-Identifier: Apache-2.0
#include "hub/local_model.hpp"

#include <system_error>
#include <utility>

#include "base/clock.hpp"
#include "base/disk_file.hpp"
#include "hub/default_model.hpp"
#include "hub/find_cached.hpp"
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

LocalModel files_of(const HubModel& model) { return {model.model_file, model.projector_file, std::nullopt}; }

LocalModel instead_of_default(LocalModel fallback, const std::string& reason) {
  fallback.warning =
      Warning{"default_model_replaced",
              "the default model '" + std::string(default_model_name) + "' " + reason +
                  "; SmolLM2-135M-Instruct answers in its place, the smallest model, which is often wrong"};
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

}  // namespace

LocalModels::LocalModels(const HubOptions& options) : hub_(hub_settings(options)), quickstart_(quickstart_folder()) {}

std::optional<LocalModel> LocalModels::named(const std::string& model) const {
  const auto name = parse_hub_name(model);
  if (!name || is_path(model, *name)) return LocalModel{model, std::nullopt, std::nullopt};
  if (hub_)
    if (const auto cached = find_cached(*hub_, *name)) return files_of(*cached);
  if (model != fallback_model_name || !quickstart_) return std::nullopt;
  auto file = file_of_fallback_model(*quickstart_);
  if (!file) return std::nullopt;
  return LocalModel{*std::move(file), std::nullopt, std::nullopt};
}

std::optional<LocalModel> LocalModels::on_disk(const std::string& model) const {
  if (auto found = named(model)) return found;
  if (model != default_model_name) return std::nullopt;
  auto fallback = named(std::string(fallback_model_name));
  if (!fallback) return std::nullopt;
  return instead_of_default(*std::move(fallback),
                            "is not on this disk (abstractllm pull " + std::string(default_model_name) + ")");
}

Result<LocalModel> LocalModels::fetch(const std::string& model, std::stop_token stop) const {
  const auto name = parse_hub_name(model);
  if (name && hub_ && !is_path(model, *name))
    if (const auto cached = find_cached(*hub_, *name)) return used(*cached);
  if (auto found = on_disk(model)) return *std::move(found);
  if (!hub_) return about(model, hub_.error());
  PullOptions options;
  options.stop_token = std::move(stop);
  const auto pulled = pull(*hub_, *name, options, make_curl_transport(), Clock::system());
  if (pulled) return used(*pulled);
  if (model != default_model_name || !is_gone(pulled.error())) return about(model, pulled.error());
  auto fallback = fetch(std::string(fallback_model_name), options.stop_token);
  if (!fallback) return about(model, pulled.error());
  return instead_of_default(*std::move(fallback), "is not on the hub");
}

}  // namespace abstractllm
