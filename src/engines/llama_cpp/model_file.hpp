// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "abstractllm/result.hpp"

namespace abstractllm {

/// Whether `model` names a file that can be a model: there, readable, not empty, with GGUF's magic bytes. That it is
/// whole is for the engine to say. Errors: not_configured (no name, no file, a folder, not readable), engine_failed
/// (something else than GGUF); both name the path and say what to do.
Result<void> check_model_file(const std::string& model);

/// Bytes of a model's file, and of the others where it is the first of several ("-00001-of-00003.gguf"); 0 where it is
/// not there.
std::int64_t bytes_of_model(const std::string& path);

}  // namespace abstractllm
