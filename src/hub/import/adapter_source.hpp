// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

#include "abstractllm/result.hpp"
#include "gguf/gguf_engine.hpp"

namespace abstractllm {

/// The engine's file of a PEFT adapter in a folder, for a base model whose config.json is in `base`. It is made once
/// and kept in root/adapters (root is imported_folder()); its name follows from the path, sizes and times of the
/// adapter's files and from config.json. Processes that make it at once make the same bytes, and one of them stays.
/// Errors: those of import_adapter() and GgufEngine::write(); engine_failed if the adapter changes meanwhile.
Result<std::string> imported_adapter(const std::filesystem::path& root, const std::filesystem::path& adapter,
                                     const std::filesystem::path& base, const GgufEngine& engine,
                                     const std::stop_token& stop);

}  // namespace abstractllm
