// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <system_error>

#include "abstractllm/import.hpp"
#include "base/thrown.hpp"
#include "engines/llama_cpp/gguf_writer.hpp"
#include "hub/import/import_source.hpp"
#include "hub/pull.hpp"
#include "transport/curl/curl_transport.hpp"

namespace abstractllm {
namespace {

namespace fs = std::filesystem;

Error wrong_source(const fs::path& path) {
  std::string message = "'" + path.string() + "' is a file: give the folder of the checkpoint, which has config.json";
  if (path.extension() == ".gguf") message = "'" + path.string() + "' is a GGUF file already: use it as the model";
  return {ErrorKind::invalid_argument, message};
}

Result<ImportedModel> import_path(const ImportSetup& setup, const fs::path& path, const ImportType& type) {
  std::error_code failure;
  if (!fs::is_directory(path, failure)) return wrong_source(path);
  return import_from_folder(setup, path, type);
}

PullOptions pull_options(const ImportOptions& options) {
  PullOptions made;
  made.hub = options.hub;
  made.stop_token = options.stop_token;
  made.max_retries = options.max_retries;
  if (!options.on_progress) return made;
  made.on_progress = [told = options.on_progress](const PullProgress& now) {
    const bool waits = now.stage == PullProgress::Stage::waiting;
    told({waits ? ImportProgress::Stage::waiting : ImportProgress::Stage::downloading, now.file, now.bytes,
          now.total_bytes, now.bytes_per_second, now.seconds_left});
  };
  return made;
}

Result<ImportedModel> import_named(const ImportSetup& setup, const HubName& name, const ImportType& type,
                                   const ImportOptions& options) {
  if (!name.file.empty())
    return Error(ErrorKind::invalid_argument, "'" + to_string(name) + "' is a GGUF file, which needs no import");
  const auto settings = hub_settings(options.hub);
  if (!settings) return settings.error();
  const PullPlan plan = plan_of_import(setup, type, PullForm::checkpoint);
  const auto pulled = pull(*settings, name, pull_options(options), make_curl_transport(), Clock::system(), plan);
  if (!pulled) return pulled.error();
  return import_from_hub(setup, *settings, *pulled, type);
}

Result<ImportedModel> run_options(std::string_view source, const ImportOptions& options) {
  const GgufEngine engine = gguf_engine();
  ImportSetup setup{imported_folder(), engine, options.stop_token, options.on_progress, options.output_file};
  if (options.import_folder) setup.root = *options.import_folder;
  auto type = import_type(options.quantize, engine);
  if (!type) return std::move(type).error();
  std::error_code failure;
  if (fs::exists(fs::path(source), failure)) return import_path(setup, source, *type);
  const auto name = parse_hub_name(source);
  if (!name) return name.error();
  if (!name->quant.empty() && options.quantize.empty()) {
    type = import_type(name->quant, engine);
    if (!type) return std::move(type).error();
  }
  return import_named(setup, *name, *type, options);
}

}  // namespace

Result<ImportedModel> import_model(std::string_view repo_or_folder, const ImportOptions& options) {
  return guarded([&]() -> Result<ImportedModel> {
    auto made = run_options(repo_or_folder, options);
    if (made) return made;
    Error error = std::move(made).error();
    error.provider = "huggingface";
    error.model = repo_or_folder;
    return error;
  });
}

}  // namespace abstractllm
