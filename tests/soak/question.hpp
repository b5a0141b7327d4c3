// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>

namespace abstractllm::soak {

/// How the server treats a question.
enum class Manner { drip, flood, stall, silent, cut, reset, garbage, no_http, refuse, endless, comments };
inline constexpr std::array<std::string_view, 11> manner_names{
    "drip", "flood", "stall", "silent", "cut", "reset", "garbage", "no_http", "refuse", "endless", "comments"};

/// A question that says how it is to be answered. It travels as the text of the prompt.
struct Question {
  Manner manner = Manner::drip;
  std::uint32_t number = 0;  ///< different for each question: no two answers begin alike
  int words = 1;
  int pause_ms = 0;  ///< between words

  std::string prompt() const;
  /// Finds the prompt within a request's body. Nothing: there is none.
  static std::optional<Question> in(std::string_view body);
  std::string word(int index) const;
  /// The whole answer.
  std::string answer() const;
  /// Whether the answer, endless or not, begins so.
  bool begins_with(std::string_view text) const;
};

Question random_question(std::mt19937& random);

}  // namespace abstractllm::soak
