// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

#include "abstractllm/result.hpp"
#include "base/clock.hpp"
#include "gguf/gguf_description.hpp"
#include "gguf/gguf_engine.hpp"

namespace abstractllm {

/// A PEFT adapter on this disk that is to become a file of the engine.
struct AdapterSource {
  std::filesystem::path root;    ///< imported_folder()
  std::filesystem::path folder;  ///< of adapter_config.json and adapter_model.safetensors
  std::string name;              ///< for messages: the folder or the name on the hub
  std::string repo = {};         ///< on the hub, or empty
  std::string commit = {};       ///< with `repo`
  std::stop_token stop = {};
};

/// The engine's file of the adapter for this base model. It is made once and kept in root/adapters. Its name follows
/// from the path, sizes and times of the adapter's files, or from repository and commit, and from the shape of the base
/// model. Waits while another process or thread imports the same. Progress is logged as "import_progress". Nothing is
/// left after an error. Errors: those of import_adapter() and GgufEngine::write(); engine_failed if the adapter changes
/// meanwhile; cancelled.
Result<std::string> imported_adapter(const AdapterSource& source, const GgufDescription& base, const GgufEngine& engine,
                                     Clock& clock);

}  // namespace abstractllm
