// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/place_model.hpp"

#include "base/machine.hpp"
#include "engines/llama_cpp/model_cache.hpp"
#include "engines/llama_cpp/model_file.hpp"
#include "engines/llama_cpp/model_metadata.hpp"

namespace abstractllm {
namespace {

Result<ModelFiles> find_files(const ModelSettings& settings, const std::stop_token& nobody_waits) {
  if (!settings.finder.fetch) return ModelFiles{settings.model, std::nullopt, {}};
  return settings.finder.fetch(settings.model, nobody_waits);
}

/// The engine has no error code for it, but its messages always contain one of these.
bool is_out_of_memory(const Error& error) {
  for (const char* word : {"alloc", "out of memory", "insufficient memory"})
    if (error.kind == ErrorKind::engine_failed && error.message.find(word) != std::string::npos) return true;
  return false;
}

Error with_sizes(Error error, std::int64_t bytes) {
  error.message += "; the model's files have " + std::to_string(bytes) + " bytes, this process may use " +
                   std::to_string(memory_of_this_machine()) +
                   ": use a smaller model or quantisation, or a smaller context_size";
  return error;
}

Result<std::unique_ptr<LoadedModel>> load(const ModelSettings& settings, const std::atomic<bool>& stopping,
                                          const std::stop_token& nobody_waits) {
  try {
    return LoadedModel::load(settings, stopping, nobody_waits);
  } catch (const std::exception& failure) {  // no memory or no thread
    return Error(ErrorKind::engine_failed, "model file '" + settings.model + "' cannot be loaded: " + failure.what());
  }
}

}  // namespace

Result<PlacedModel> place_model(const ModelSettings& settings, const std::atomic<bool>& stopping,
                                std::stop_token nobody_waits) {
  const auto files = find_files(settings, nobody_waits);
  if (!files) return files.error();
  if (const auto checked = check_model_file(files->model); !checked) return checked.error();
  if (const auto checked = check_model_metadata(files->model); !checked) return checked.error();

  PlacedModel placed;
  placed.key = model_key(settings, *files);
  placed.file = files->model;
  placed.identity = file_identity(files->model);
  ModelSettings found = settings;
  found.model = files->model;
  found.warnings = files->warnings;
  found.mmproj = projector_of(settings, *files);
  placed.bytes = bytes_of_model(found.model) + bytes_of_model(found.mmproj);

  ModelCache& cache = ModelCache::instance();
  const auto stopped = [&] { return stopping || nobody_waits.stop_requested(); };
  if (const auto room = cache.make_room(placed.bytes, settings.model, stopped); !room) return room.error();
  auto model = load(found, stopping, nobody_waits);
  if (!model && is_out_of_memory(model.error())) {
    if (cache.clear() > 0) model = load(found, stopping, nobody_waits);
    if (!model && is_out_of_memory(model.error())) model = with_sizes(model.error(), placed.bytes);
  }
  if (!model) {
    cache.not_loaded(placed.bytes);
    return std::move(model).error();
  }
  placed.model = *std::move(model);
  return placed;
}

}  // namespace abstractllm
