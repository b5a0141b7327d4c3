// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>

#include "hub/hub_settings.hpp"

namespace abstractllm {

/// Files of a model on this disk.
struct LocalModel {
  std::string model;                     ///< what is loaded
  std::optional<std::string> projector;  ///< the repository's own; empty: it has none; unset: nobody has looked
};

/// Finds the files for a model's name (Options::model of provider huggingface): a path stays as it is; a name on the
/// hub is what the cache holds, or else is downloaded. The default model may also be the file that scripts/quickstart
/// fetched (default_model.hpp). The environment is read when it is made. Thread-safe.
class LocalModels {
 public:
  explicit LocalModels(const HubOptions& options);

  /// Without the network; nothing where the model is not on this disk. A path is not looked at.
  std::optional<LocalModel> on_disk(const std::string& model) const;
  /// The same, else downloads it. Errors: as pull().
  Result<LocalModel> fetch(const std::string& model, std::stop_token stop) const;

 private:
  Result<HubSettings> hub_;
  std::optional<std::filesystem::path> quickstart_;
};

}  // namespace abstractllm
