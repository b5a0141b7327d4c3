// SPDX-License-Identifier: Apache-2.0
#include "soak/question.hpp"

#include <cstdio>

namespace abstractllm::soak {

std::string Question::prompt() const {
  return "soak " + std::to_string(static_cast<int>(manner)) + " " + std::to_string(number) + " " +
         std::to_string(words) + " " + std::to_string(pause_ms);
}

std::optional<Question> Question::in(std::string_view body) {
  const std::size_t begin = body.find("soak ");
  if (begin == std::string_view::npos) return std::nullopt;
  Question question;
  int manner = 0;
  const std::string text(body.substr(begin, 60));
  if (std::sscanf(text.c_str(), "soak %d %u %d %d", &manner, &question.number, &question.words, &question.pause_ms) !=
      4)
    return std::nullopt;
  question.manner = static_cast<Manner>(manner);
  return question;
}

std::string Question::word(int index) const { return std::to_string(number) + "-" + std::to_string(index) + " "; }

std::string Question::answer() const {
  std::string text;
  for (int i = 0; i < words; ++i) text += word(i);
  return text;
}

bool Question::begins_with(std::string_view text) const {
  for (int i = 0; !text.empty(); ++i) {
    const std::string next = word(i).substr(0, text.size());
    if (!text.starts_with(next) || (i >= words && manner != Manner::endless)) return false;
    text.remove_prefix(next.size());
  }
  return true;
}

Question random_question(std::mt19937& random) {
  const auto between = [&](int least, int most) { return std::uniform_int_distribution<int>(least, most)(random); };
  Question question;
  // Half of them are answered, so that answers and connections are there to be mixed up.
  question.manner = between(0, 1) == 0 ? static_cast<Manner>(between(0, 1))
                                       : static_cast<Manner>(between(2, static_cast<int>(manner_names.size()) - 1));
  question.number = static_cast<std::uint32_t>(random());
  question.words = question.manner == Manner::flood ? between(500, 4000) : between(1, 40);
  question.pause_ms = between(0, 20);
  return question;
}

}  // namespace abstractllm::soak
