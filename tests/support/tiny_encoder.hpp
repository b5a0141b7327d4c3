// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace abstractllm::testing_support {

/// What a fabricated model for embeddings is like.
struct TinyEncoder {
  std::uint32_t context_tokens = 64;         ///< what it was trained with
  std::optional<std::uint32_t> pooling = 1;  ///< llama_pooling_type: 1 mean, 2 first token, 4 a score; unset: not told
  std::uint32_t seed = 7;                    ///< of its random weights
  bool broken = false;                       ///< with weights that are no numbers
};

/// How many numbers its vectors have.
inline constexpr std::uint32_t tiny_encoder_width = 32;

/// Writes a BERT model of two layers with random weights, the same bytes every time. Each letter from a to z is a
/// token, in a word or at its beginning, and "cat" and "dog" are too; all else is unknown. So a word of five letters is
/// five tokens, and each text has two more at its ends. With pooling 4 it has a head that scores pairs. Throws
/// std::runtime_error when the file cannot be written.
void write_tiny_encoder(const std::filesystem::path& file, const TinyEncoder& encoder = {});

}  // namespace abstractllm::testing_support
