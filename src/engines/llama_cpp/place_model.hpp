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

/// A model in memory and its origin.
struct PlacedModel {
  std::unique_ptr<LoadedModel> model;
  std::string key;                       ///< model_key() of its files
  std::string file;                      ///< the loaded file
  std::optional<FileIdentity> identity;  ///< identity of that file at the time of the load
  std::int64_t bytes = 0;                ///< size of all its files
};

/// Turns a name into a model in memory: finds or downloads the files, makes room in the ModelCache, and loads. If
/// memory does not suffice, it unloads idle models and tries once more. After success the room is reserved, and the
/// caller must call ModelCache::loaded() or not_loaded(). Errors: those of the finder, of make_room() and of
/// LoadedModel::load(); cancelled after `stopping` or `nobody_waits`.
Result<PlacedModel> place_model(const ModelSettings& settings, const std::atomic<bool>& stopping,
                                std::stop_token nobody_waits);

}  // namespace abstractllm
