// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "abstractllm/result.hpp"

namespace abstractllm {

/// Checks that `model` is a file that can be a model: it exists, is readable, is not empty and has GGUF's magic bytes.
/// The engine checks whether it is complete. Errors: not_configured (no name, no file, a folder, not readable),
/// engine_failed (not GGUF). Both messages have the path and say what to do.
Result<void> check_model_file(const std::string& model);

/// The file itself, and the other parts that exist if it is the first of several ("-00001-of-00003.gguf").
std::vector<std::string> parts_of_model(const std::string& path);

/// The size of a model's file in bytes, including the other parts if it is the first of several
/// ("-00001-of-00003.gguf"). 0 if it does not exist.
std::int64_t bytes_of_model(const std::string& path);

}  // namespace abstractllm
