// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>

#include "support/tiny_model.hpp"

namespace abstractllm::testing_support {

/// What a fabricated multimodal projector is like.
struct TinyProjector {
  std::uint32_t model_width = tiny_model_width;  ///< another one does not fit the tiny model: the engine refuses it
  std::uint32_t seed = 8;                        ///< of its random weights
};

/// What a picture of whatever size counts for in usage.
inline constexpr int tiny_picture_tokens = 4;

/// Writes a projector with which the tiny model sees pictures: a CLIP of two layers with random weights, about 170 KB,
/// the same bytes every time. It looks at 28 x 28 pixels, to which any picture is scaled. What the model babbles at
/// temperature 0 depends on the picture: a red one and a black and white checkerboard lead to different first tokens,
/// by far, with the grammar `root ::= [a-z]+` too. Throws std::runtime_error when the file cannot be written.
void write_tiny_projector(const std::filesystem::path& file, const TinyProjector& projector = {});

}  // namespace abstractllm::testing_support
