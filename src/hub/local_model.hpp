// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "abstractllm/warning.hpp"
#include "gguf/gguf_engine.hpp"
#include "hub/hub_settings.hpp"

namespace abstractllm {

/// Files of a model on this disk.
struct LocalModel {
  std::string model;                     ///< the file to load
  std::optional<std::string> projector;  ///< the repository's own; empty: it has none; unset: not known
  std::vector<Warning> warnings = {};    ///< "default_model_replaced", and those of its import
};

/// Finds the files for a model's name (Options::model of provider huggingface). The path of a file does not change. A
/// folder of safetensors is imported, unless that was done before. For a name on the hub it uses the cache, and
/// otherwise downloads the model, and imports it if it has no GGUF file. If the default model is not on this disk and
/// the fallback model is (default_model.hpp), or if the hub no longer has it, the fallback model replaces it, with a
/// Warning. The environment is read when the object is made. Thread-safe.
class LocalModels {
 public:
  explicit LocalModels(const HubOptions& options, GgufEngine engine = {});

  /// Does not use the network. Returns nullopt if the model is not on this disk. A path is not examined.
  std::optional<LocalModel> on_disk(const std::string& model) const;
  /// The same, but downloads and imports a missing model. Refuses a model that is larger than the engine may load
  /// before it is downloaded and imported. Errors: those of import_model().
  Result<LocalModel> fetch(const std::string& model, std::stop_token stop) const;

 private:
  std::optional<LocalModel> named(const std::string& model) const;
  std::optional<LocalModel> folder_on_disk(const std::string& model) const;
  Result<LocalModel> fetch_named(const HubName& name, std::stop_token stop) const;
  Result<LocalModel> import_folder(const std::string& model, std::stop_token stop) const;

  Result<HubSettings> hub_;
  GgufEngine engine_;
  std::optional<std::filesystem::path> imported_;
  std::optional<std::filesystem::path> quickstart_;
};

}  // namespace abstractllm
