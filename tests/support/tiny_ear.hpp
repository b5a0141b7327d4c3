// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace abstractllm::testing_support {

/// What a recording of up to 30 seconds counts for in usage. Each further 30 seconds count the same.
inline constexpr int tiny_recording_tokens = 30;

/// Writes a projector with which the tiny model hears: a Whisper encoder of one layer and the adaptor of Ultravox, with
/// random weights, about 500 KB, the same bytes every time. Throws std::runtime_error when the file cannot be written.
void write_tiny_ear(const std::filesystem::path& file);

}  // namespace abstractllm::testing_support
