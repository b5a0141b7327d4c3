// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>

#include "abstractllm/response.hpp"
#include "hub/hub_settings.hpp"

namespace abstractllm {

/// Files of a model on this disk.
struct LocalModel {
  std::string model;                     ///< the file to load
  std::optional<std::string> projector;  ///< the repository's own; empty: it has none; unset: not known
  std::optional<Warning> warning;        ///< "default_model_replaced"
};

/// Finds the files for a model's name (Options::model of provider huggingface). A path does not change. For a name on
/// the hub it uses the cache, and otherwise downloads the model. If the default model is not on this disk and the
/// fallback model is (default_model.hpp), or if the hub no longer has it, the fallback model replaces it, with a
/// Warning. The environment is read when the object is made. Thread-safe.
class LocalModels {
 public:
  explicit LocalModels(const HubOptions& options);

  /// Does not use the network. Returns nullopt if the model is not on this disk. A path is not examined.
  std::optional<LocalModel> on_disk(const std::string& model) const;
  /// The same, but downloads a missing model. Errors: those of pull().
  Result<LocalModel> fetch(const std::string& model, std::stop_token stop) const;

 private:
  std::optional<LocalModel> named(const std::string& model) const;

  Result<HubSettings> hub_;
  std::optional<std::filesystem::path> quickstart_;
};

}  // namespace abstractllm
