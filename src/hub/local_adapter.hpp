// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>

#include "abstractllm/hub.hpp"
#include "gguf/gguf_description.hpp"
#include "gguf/gguf_engine.hpp"
#include "hub/hub_settings.hpp"

namespace abstractllm {

/// Finds the engine's files of LoRA adapters (option `adapters`). The path of a file does not change. A folder that
/// PEFT saved is imported, unless that was done before. ORG/NAME is looked for in the cache and otherwise downloaded,
/// and imported; ORG/NAME/FILE.gguf is only downloaded. The environment is read when the object is made. Thread-safe.
class LocalAdapters {
 public:
  LocalAdapters(const HubOptions& options, GgufEngine engine);

  /// The file of an adapter for this base model. May take long. Errors: those of imported_adapter() and pull(),
  /// not_found (no such folder, or none of PEFT), invalid_argument (a name with a quantisation).
  Result<std::string> fetch(const std::string& adapter, const GgufDescription& base, std::stop_token stop) const;

 private:
  Result<std::string> from_folder(const std::string& folder, const GgufDescription& base, std::stop_token stop) const;
  Result<HubModel> downloaded(const HubName& name, const std::stop_token& stop) const;
  Result<std::string> from_hub(const HubName& name, const GgufDescription& base, std::stop_token stop) const;

  Result<HubSettings> hub_;
  GgufEngine engine_;
  std::optional<std::filesystem::path> imported_;
};

}  // namespace abstractllm
