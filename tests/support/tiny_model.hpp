// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace abstractllm::testing_support {

/// What a fabricated model is like.
struct TinyModel {
  std::string name = "tiny";  ///< as the file says it
  std::string chat_template =
      "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
      "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";  ///< empty: none
  std::uint32_t context_tokens = 2048;                                     ///< what it claims to have been trained with
  std::uint32_t layers = 2;                                                ///< what it claims to have; it has two
  float epsilon = 1e-5F;                                                   ///< of its norms
  std::uint32_t seed = 42;                                                 ///< of its random weights
};

/// A byte stands for the token of the same number: 'a' is 97, and "é" is two tokens.
inline constexpr int tiny_end_of_answer = 258;

/// How many numbers stand for one token.
inline constexpr std::uint32_t tiny_model_width = 64;

/// Writes a llama model of two layers with random weights and a vocabulary of single bytes, about 450 KB, the same
/// bytes every time. It babbles for ever: bound it with max_tokens, or with a grammar, which makes it say exactly what
/// a test wants. Throws std::runtime_error when the file cannot be written.
void write_tiny_model(const std::filesystem::path& file, const TinyModel& model = {});

}  // namespace abstractllm::testing_support
