// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "base/file_identity.hpp"
#include "engines/llama_cpp/loaded_model.hpp"

namespace abstractllm {

/// A model in memory and where it came from.
struct PlacedModel {
  std::unique_ptr<LoadedModel> model;
  std::string key;                       ///< engine_key() of its files
  std::string file;                      ///< what was loaded
  std::optional<FileIdentity> identity;  ///< of that file, as it was then
  std::int64_t bytes = 0;                ///< of all its files
};

/// From a name to a model in memory: finds or downloads the files, makes room in the ModelCache, and loads. Where
/// memory does not suffice, models that nobody uses are unloaded, and it is tried once more. The room is taken on
/// success: ModelCache::loaded() or not_loaded() is the caller's. Errors: those of the finder, of make_room() and of
/// LoadedModel::load(); cancelled after `stopping` or `nobody_waits`.
Result<PlacedModel> place_model(const EngineSettings& settings, const std::atomic<bool>& stopping,
                                std::stop_token nobody_waits);

}  // namespace abstractllm
