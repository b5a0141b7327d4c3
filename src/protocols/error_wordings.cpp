// SPDX-License-Identifier: Apache-2.0
#include "protocols/error_wordings.hpp"

#include <algorithm>
#include <string>

#include "base/ascii.hpp"

namespace abstractllm {
namespace {

struct Wording {
  std::string_view phrase;
  std::string_view prompt;
  std::string_view context;
};

constexpr Wording too_long[] = {
#define ABSTRACTLLM_TOO_LONG(phrase, prompt, context) {phrase, prompt, context},
#define ABSTRACTLLM_NOT_TOO_LONG(phrase)
#define ABSTRACTLLM_NO_CREDIT(phrase)
#include "protocols/error_wordings.def"
#undef ABSTRACTLLM_TOO_LONG
#undef ABSTRACTLLM_NOT_TOO_LONG
};

constexpr std::string_view not_too_long[] = {
#define ABSTRACTLLM_TOO_LONG(phrase, prompt, context)
#define ABSTRACTLLM_NOT_TOO_LONG(phrase) phrase,
#include "protocols/error_wordings.def"
#undef ABSTRACTLLM_NOT_TOO_LONG
#undef ABSTRACTLLM_NO_CREDIT
};

constexpr std::string_view no_credit[] = {
#define ABSTRACTLLM_NOT_TOO_LONG(phrase)
#define ABSTRACTLLM_NO_CREDIT(phrase) phrase,
#include "protocols/error_wordings.def"
#undef ABSTRACTLLM_TOO_LONG
#undef ABSTRACTLLM_NOT_TOO_LONG
#undef ABSTRACTLLM_NO_CREDIT
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Removes the number at the beginning of `text` and returns it. Its digits may be grouped with commas.
std::optional<std::int64_t> take_number(std::string_view& text) {
  constexpr std::int64_t most = 1'000'000'000'000;  // no prompt is longer than this
  std::int64_t number = 0;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const bool grouped = text[at] == ',' && at > 0 && at + 1 < text.size() && is_digit(text[at + 1]);
    if (grouped) continue;
    if (!is_digit(text[at]) || number > most) break;
    number = number * 10 + (text[at] - '0');
  }
  if (at == 0 || number > most) return std::nullopt;
  text.remove_prefix(at);
  return number;
}

/// Whether `text` continues as `pattern` does, in which '#' is a number.
bool goes_on_as(std::string_view text, std::string_view pattern) {
  for (const char c : pattern) {
    if (c == '#') {
      if (!take_number(text)) return false;
    } else if (!text.starts_with(c)) {
      return false;
    } else {
      text.remove_prefix(1);
    }
  }
  return true;
}

/// Returns the first number of `pattern`, if the message contains such a text.
std::optional<std::int64_t> number_at(std::string_view message, std::string_view pattern) {
  const std::size_t mark = pattern.find('#');
  if (mark == std::string_view::npos) return std::nullopt;
  const std::string_view before = pattern.substr(0, mark);
  for (std::size_t at = message.find(before); at != std::string_view::npos; at = message.find(before, at + 1)) {
    std::string_view rest = message.substr(at + before.size());
    const std::optional<std::int64_t> number = take_number(rest);
    if (number && goes_on_as(rest, pattern.substr(mark + 1))) return number;
  }
  return std::nullopt;
}

template <class List>
bool holds_any(std::string_view message, const List& phrases) {
  return std::any_of(std::begin(phrases), std::end(phrases),
                     [&](std::string_view phrase) { return message.find(phrase) != std::string_view::npos; });
}

}  // namespace

std::optional<TooLong> says_too_long(std::string_view message) {
  const std::string text = lowered(message);
  if (holds_any(text, not_too_long)) return std::nullopt;
  std::optional<TooLong> found;
  for (const Wording& wording : too_long) {
    if (text.find(wording.phrase) == std::string::npos) continue;
    if (!found) found.emplace();
    if (!found->prompt_tokens) found->prompt_tokens = number_at(text, wording.prompt);
    if (!found->context_tokens) found->context_tokens = number_at(text, wording.context);
  }
  return found;
}

bool says_no_credit(std::string_view message) { return holds_any(lowered(message), no_credit); }

}  // namespace abstractllm
