// SPDX-License-Identifier: Apache-2.0
#include "hub/local_model.hpp"

#include <filesystem>
#include <optional>
#include <system_error>

#include "base/clock.hpp"
#include "base/disk_file.hpp"
#include "hub/default_model.hpp"
#include "hub/find_cached.hpp"
#include "hub/pull.hpp"
#include "transport/curl/curl_transport.hpp"

namespace abstractllm {
namespace {

/// What is there is a path, whatever it looks like; what is not is a name if it can be one. "name.gguf" and
/// "folder/name.gguf" cannot: what ends like a file is one, unless it stands within a repository.
bool is_path(const std::string& model, const HubName& name) {
  std::error_code ignored;
  return name.repo.ends_with(".gguf") || std::filesystem::exists(model, ignored);
}

Error about(const std::string& model, Error error) {
  error.message = "model '" + model + "' is no file here, so it was looked for on the hub: " + error.message;
  return error;
}

/// What a finder knows of its world.
struct Places {
  Result<HubSettings> hub;
  std::optional<std::filesystem::path> quickstart;
};

std::string use(const HubModel& model) {
  for (const HubFile& file : model.files) touch_access_time(file.local_path);
  return model.model_file;
}

std::optional<std::string> find_on_disk(const Places& places, const std::string& model) {
  const auto name = parse_hub_name(model);
  if (!name || is_path(model, *name)) return model;
  if (places.hub)
    if (const auto cached = find_cached(*places.hub, *name)) return use(*cached);
  if (places.quickstart) return file_of_default_model(model, *places.quickstart);
  return std::nullopt;
}

Result<std::string> find_file(const Places& places, const std::string& model, std::stop_token stop) {
  if (auto file = find_on_disk(places, model)) return *std::move(file);
  if (!places.hub) return about(model, places.hub.error());
  const auto name = parse_hub_name(model);
  PullOptions options;
  options.stop_token = std::move(stop);
  const auto pulled = pull(*places.hub, *name, options, make_curl_transport(), Clock::system());
  if (!pulled) return about(model, pulled.error());
  return use(*pulled);
}

}  // namespace

std::function<Result<std::string>(const std::string&, std::stop_token)> local_model_finder(const HubOptions& options) {
  return [places = Places{hub_settings(options), quickstart_folder()}](const std::string& model, std::stop_token stop) {
    return find_file(places, model, std::move(stop));
  };
}

std::optional<std::string> model_on_disk(const HubOptions& options, const std::string& model) {
  auto file = find_on_disk(Places{hub_settings(options), quickstart_folder()}, model);
  std::error_code unreadable;  // the engine's error says more
  if (file && !std::filesystem::is_regular_file(*file, unreadable)) file.reset();
  return file;
}

}  // namespace abstractllm
