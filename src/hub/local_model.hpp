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
  std::string model;                     ///< what is loaded
  std::optional<std::string> projector;  ///< the repository's own; empty: it has none; unset: nobody has looked
  std::optional<Warning> warning;        ///< "default_model_replaced"
};

/// Finds the files for a model's name (Options::model of provider huggingface): a path stays as it is; a name on the
/// hub is what the cache holds, or else is downloaded. Where the default model is not on this disk and the fallback
/// model is (default_model.hpp), or where the hub has it no more, the fallback model stands in for it, with a Warning.
/// The environment is read when it is made. Thread-safe.
class LocalModels {
 public:
  explicit LocalModels(const HubOptions& options);

  /// Without the network; nothing where the model is not on this disk. A path is not looked at.
  std::optional<LocalModel> on_disk(const std::string& model) const;
  /// The same, else downloads it. Errors: as pull().
  Result<LocalModel> fetch(const std::string& model, std::stop_token stop) const;

 private:
  std::optional<LocalModel> named(const std::string& model) const;

  Result<HubSettings> hub_;
  std::optional<std::filesystem::path> quickstart_;
};

}  // namespace abstractllm
