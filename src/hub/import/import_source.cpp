// SPDX-License-Identifier: Apache-2.0
#include "hub/import/import_source.hpp"

#include <algorithm>
#include <system_error>

#include "hub/import/import_checkpoint.hpp"
#include "transport/curl/curl_transport.hpp"

namespace abstractllm {
namespace {

namespace fs = std::filesystem;

Result<ImportedModel> run_setup(const ImportSetup& setup, ImportJob job) {
  if (!job.place && setup.output_file.empty())
    return Error(ErrorKind::not_configured, "there is no folder for imported models: set XDG_CACHE_HOME or HOME");
  if (!setup.output_file.empty()) job.place.reset();
  job.output_file = setup.output_file;
  job.stop = setup.stop;
  job.on_progress = setup.on_progress;
  return run_import(job, setup.engine, Clock::system());
}

std::int64_t weight_bytes_of(const HubModel& checkpoint) {
  std::int64_t sum = 0;
  for (const HubFile& file : checkpoint.files)
    if (file.path.ends_with(".safetensors")) sum += file.size_bytes;
  return sum;
}

std::string list_of(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "" : ", ") + word;
  return list;
}

/// The importer says it again, with everything else that may be wrong. But by then the weights are here.
Result<void> check_architecture(const HubModel& checkpoint) {
  const auto config = ModelFolder(checkpoint.model_file).json("config.json");
  if (!config || !config->is_object()) return {};
  const auto names = config->find("architectures");
  if (names == config->end() || !names->is_array() || names->empty() || !names->front().is_string()) return {};
  const std::string name = names->front().get<std::string>();
  const std::vector<std::string> known = importable_architectures();
  if (std::find(known.begin(), known.end(), name) != known.end()) return {};
  return Error(ErrorKind::unsupported, "model '" + checkpoint.name.repo + "' has the architecture '" + name +
                                           "', which cannot be imported; those that can: " + list_of(known));
}

}  // namespace

Result<ImportedModel> import_from_folder(const ImportSetup& setup, const fs::path& folder, const ImportType& type) {
  const SourceFiles files = source_files(folder);
  ImportJob job;
  job.source = folder;
  job.name = folder.string();
  job.type = type;
  if (setup.root) job.place = place_of_folder(*setup.root, folder, files);
  if (setup.must_fit && !(job.place && find_imported(*job.place, type.name)))
    if (auto fits = check_memory(job.name, weight_bytes_in(folder), type, setup.engine); !fits)
      return std::move(fits).error();
  return run_setup(setup, std::move(job));
}

Result<ImportedModel> import_from_hub(const ImportSetup& setup, const HubSettings& hub, const HubModel& checkpoint,
                                      const ImportType& type) {
  ImportJob job;
  job.source = checkpoint.model_file;
  HubName name = checkpoint.name;
  name.quant.clear();
  job.name = to_string(name);
  job.commit = checkpoint.commit;
  job.type = type;
  if (setup.root) job.place = place_of_commit(*setup.root, checkpoint.name.repo, checkpoint.commit);
  // A checkpoint that was on this disk while offline has not been checked.
  if (setup.must_fit && !(job.place && find_imported(*job.place, type.name)))
    if (auto fits = check_memory(job.name, weight_bytes_of(checkpoint), type, setup.engine); !fits)
      return std::move(fits).error();
  auto made = run_setup(setup, std::move(job));
  if (made || made.error().kind != ErrorKind::unsupported || hub.offline) return made;
  Error error = std::move(made).error();
  const HubClient client(hub, make_curl_transport(), setup.stop, Clock::system());
  error.message += gguf_advice(client, checkpoint.name.repo);
  return error;
}

PullPlan plan_of_import(const ImportSetup& setup, const ImportType& type, PullForm form) {
  PullPlan plan;
  plan.form = form;
  plan.is_done = [&setup, type](const HubModel& model) {
    return setup.root && setup.output_file.empty() &&
           find_imported(place_of_commit(*setup.root, model.name.repo, model.commit), type.name);
  };
  plan.check = [&setup, type](const HubClient& client, const HubModel& checkpoint) -> Result<void> {
    if (auto known = check_architecture(checkpoint); !known) {
      Error error = std::move(known).error();
      error.message += gguf_advice(client, checkpoint.name.repo);
      return error;
    }
    if (!setup.must_fit) return {};
    return check_memory(checkpoint.name.repo, weight_bytes_of(checkpoint), type, setup.engine);
  };
  return plan;
}

}  // namespace abstractllm
