// SPDX-License-Identifier: Apache-2.0
#include "base/json_text.hpp"

#include <algorithm>
#include <charconv>

#include "base/utf16_halves.hpp"
#include "base/utf8.hpp"

namespace abstractllm {
namespace {

using Kind = JsonToken::Kind;

constexpr std::string_view blanks = " \t\r\n";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_hex_digit(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

Kind kind_of_mark(char c) {
  switch (c) {
    case '{': return Kind::begin_object;
    case '}': return Kind::end_object;
    case '[': return Kind::begin_list;
    case ']': return Kind::end_list;
    case ':': return Kind::colon;
    case ',': return Kind::comma;
    default: return Kind::invalid;
  }
}

/// Finds where the order of tokens is wrong. Does not check UTF-8.
class Grammar {
 public:
  Grammar(std::string_view text, std::size_t max_depth) : text_(text), max_depth_(max_depth) {}

  std::optional<JsonFault> find_fault() {
    JsonTokens tokens(text_);
    for (;;) {
      const JsonToken token = tokens.next();
      if (token.kind == Kind::invalid) return JsonFault{token.end};
      if (token.kind == Kind::end) return expected_ == Expected::nothing ? std::nullopt : cut();
      if (token.kind == Kind::not_finite || !take(token.kind)) return JsonFault{token.begin};
      if (open_.size() > max_depth_) return JsonFault{token.begin, true};
    }
  }

 private:
  enum class Expected : std::uint8_t { value, value_or_end, key, key_or_end, colon, comma_or_end, nothing };

  std::optional<JsonFault> cut() const { return JsonFault{text_.size()}; }

  bool take(Kind kind) {
    switch (expected_) {
      case Expected::value_or_end:
        if (kind == Kind::end_list) return close('[');
        [[fallthrough]];
      case Expected::value: return take_value(kind);
      case Expected::key_or_end:
        if (kind == Kind::end_object) return close('{');
        [[fallthrough]];
      case Expected::key: expected_ = Expected::colon; return kind == Kind::string;
      case Expected::colon: expected_ = Expected::value; return kind == Kind::colon;
      case Expected::comma_or_end: return take_comma_or_end(kind);
      case Expected::nothing: return false;
    }
    return false;
  }

  bool take_value(Kind kind) {
    if (kind == Kind::begin_object) return open('{', Expected::key_or_end);
    if (kind == Kind::begin_list) return open('[', Expected::value_or_end);
    after_value();
    return kind == Kind::string || kind == Kind::number || kind == Kind::word;
  }

  bool take_comma_or_end(Kind kind) {
    if (kind == Kind::end_object) return close('{');
    if (kind == Kind::end_list) return close('[');
    expected_ = open_.back() == '{' ? Expected::key : Expected::value;
    return kind == Kind::comma;
  }

  bool open(char mark, Expected expected) {
    open_ += mark;
    expected_ = expected;
    return true;
  }

  bool close(char mark) {
    if (open_.back() != mark) return false;
    open_.pop_back();
    after_value();
    return true;
  }

  void after_value() { expected_ = open_.empty() ? Expected::nothing : Expected::comma_or_end; }

  std::string_view text_;
  std::size_t max_depth_;
  std::string open_;  // '{' and '['
  Expected expected_ = Expected::value;
};

/// Whether the number fits neither a 64-bit integer nor a double.
bool is_out_of_range(std::string_view number) {
  const char* const end = number.data() + number.size();
  if (number.find_first_of(".eE") != std::string_view::npos) {
    double value = 0;
    return std::from_chars(number.data(), end, value).ec != std::errc();
  }
  std::int64_t negative = 0;
  std::uint64_t positive = 0;
  return number.front() == '-' ? std::from_chars(number.data(), end, negative).ec != std::errc()
                               : std::from_chars(number.data(), end, positive).ec != std::errc();
}

/// The UTF-16 unit of the escape \uXXXX at `at`, or -1 if there is no such escape.
int escaped_unit(std::string_view text, std::size_t at) {
  if (text.size() < at + 6 || text[at] != '\\' || text[at + 1] != 'u') return -1;
  int unit = 0;
  const char* const digits = text.data() + at + 2;
  return std::from_chars(digits, digits + 4, unit, 16).ptr == digits + 4 ? unit : -1;
}

/// Copies a string token, and handles each escape of half a UTF-16 pair as `halves` says.
void append_mended_string(std::string_view string, HalfPairs halves, MendedJson& out) {
  std::size_t copied = 0;
  for (std::size_t at = string.find('\\'); at != std::string_view::npos; at = string.find('\\', at)) {
    const int unit = escaped_unit(string, at);
    if (!is_half_pair(unit)) {
      at += 2;
      continue;
    }
    if (is_first_half(unit) && is_second_half(escaped_unit(string, at + 6))) {
      at += 12;
      continue;
    }
    out.text += string.substr(copied, at - copied);
    out.text += halves == HalfPairs::mark ? mark_of_half(unit) : "\\ufffd";
    out.has_marks = out.has_marks || halves == HalfPairs::mark;
    out.changed = true;
    copied = at += 6;
  }
  out.text += string.substr(copied);
}

}  // namespace

JsonToken JsonTokens::next() {
  at_ = std::min(text_.find_first_not_of(blanks, at_), text_.size());
  if (at_ == text_.size()) return {Kind::end, at_, at_};
  const char first = text_[at_];
  JsonToken token{kind_of_mark(first), at_, at_ + 1};
  if (first == '"') token = take_string(at_);
  else if (is_digit(first) || (first == '-' && at(at_ + 1) != 'I')) token = take_number(at_);
  else if (token.kind == Kind::invalid) token = take_word(at_);
  if (token.kind != Kind::invalid) at_ = token.end;
  return token;
}

JsonToken JsonTokens::take_string(std::size_t begin) {
  for (std::size_t position = begin + 1; position < text_.size(); ++position) {
    const char c = text_[position];
    if (c == '"') return {Kind::string, begin, position + 1};
    if (static_cast<unsigned char>(c) < 0x20) return {Kind::invalid, begin, position};
    if (c != '\\') continue;
    if (++position == text_.size()) break;
    if (text_[position] == 'u') {
      for (const std::size_t last = position + 4; position < last; ++position)
        if (!is_hex_digit(at(position + 1))) return {Kind::invalid, begin, std::min(position + 1, text_.size())};
    } else if (std::string_view("\"\\/bfnrt").find(text_[position]) == std::string_view::npos) {
      return {Kind::invalid, begin, position};
    }
  }
  return {Kind::invalid, begin, text_.size()};
}

std::size_t JsonTokens::skip_digits(std::size_t position) const {
  while (is_digit(at(position))) ++position;
  return position;
}

JsonToken JsonTokens::take_number(std::size_t begin) {
  std::size_t position = at(begin) == '-' ? begin + 1 : begin;
  const auto digits = [&] {
    const std::size_t first = position;
    position = skip_digits(position);
    return position > first;
  };
  if (at(position) == '0') ++position;
  else if (!digits()) return {Kind::invalid, begin, position};
  if (at(position) == '.' && (++position, !digits())) return {Kind::invalid, begin, position};
  if (at(position) != 'e' && at(position) != 'E') return {Kind::number, begin, position};
  ++position;
  if (at(position) == '+' || at(position) == '-') ++position;
  return {digits() ? Kind::number : Kind::invalid, begin, position};
}

JsonToken JsonTokens::take_word(std::size_t begin) {
  constexpr std::string_view json_words[] = {"true", "false", "null"};
  const std::string_view rest = text_.substr(begin);
  for (const std::string_view word : json_words)
    if (rest.starts_with(word)) return {Kind::word, begin, begin + word.size()};
  for (const std::string_view word : {"NaN", "Infinity", "-Infinity"})
    if (rest.starts_with(word)) return {Kind::not_finite, begin, begin + word.size()};
  const bool cut = std::any_of(std::begin(json_words), std::end(json_words),
                               [&](std::string_view word) { return word.starts_with(rest); });
  return {Kind::invalid, begin, cut ? text_.size() : begin};
}

std::optional<JsonFault> find_json_fault(std::string_view text, std::size_t max_depth) {
  std::optional<JsonFault> fault = Grammar(text, max_depth).find_fault();
  const std::optional<std::size_t> not_utf8 = find_invalid_utf8(text);
  if (not_utf8 && (!fault || *not_utf8 < fault->at)) return JsonFault{*not_utf8};
  return fault;
}

bool is_cut_json(std::string_view text) {
  const JsonToken first = JsonTokens(text).next();
  if (first.kind != Kind::begin_object && first.kind != Kind::begin_list) return false;
  const std::optional<JsonFault> fault = Grammar(text, text.size()).find_fault();
  return fault && fault->at == text.size();
}

std::string compact_json(std::string_view text, std::size_t begin) {
  std::string compact;
  JsonTokens tokens(text, begin);
  std::size_t depth = 0;
  do {
    const JsonToken token = tokens.next();
    if (token.kind == Kind::end || token.kind == Kind::invalid) break;
    compact += text.substr(token.begin, token.end - token.begin);
    if (token.kind == Kind::begin_object || token.kind == Kind::begin_list) ++depth;
    if (token.kind == Kind::end_object || token.kind == Kind::end_list) --depth;
  } while (depth > 0);
  return compact;
}

std::vector<std::string_view> elements_of_list(std::string_view text) {
  std::vector<std::string_view> elements;
  JsonTokens tokens(text);
  if (tokens.next().kind != Kind::begin_list || find_json_fault(text, text.size())) return elements;
  std::size_t depth = 0;
  std::size_t begin = text.size();  // of the element that is read; the text's size: of none
  for (JsonToken token = tokens.next(); token.kind != Kind::end; token = tokens.next()) {
    const bool closes = token.kind == Kind::end_object || token.kind == Kind::end_list;
    if (closes && depth == 0) break;
    if (token.kind == Kind::comma && depth == 0) continue;
    begin = std::min(begin, token.begin);
    if (token.kind == Kind::begin_object || token.kind == Kind::begin_list) ++depth;
    if (closes) --depth;
    if (depth > 0) continue;
    elements.push_back(text.substr(begin, token.end - begin));
    begin = text.size();
  }
  return elements;
}

MendedJson mend_json(std::string_view text, HalfPairs halves) {
  // Text that already has such a character would be read wrongly.
  if (halves == HalfPairs::mark && holds_half_marks(text)) halves = HalfPairs::replace;
  MendedJson mended;
  mended.text.reserve(text.size());
  JsonTokens tokens(text);
  for (std::size_t copied = 0;;) {
    const JsonToken token = tokens.next();
    const bool ends = token.kind == Kind::end || token.kind == Kind::invalid;
    mended.text += text.substr(copied, (ends ? text.size() : token.begin) - copied);
    if (ends) return mended;
    copied = token.end;
    const std::string_view spelled = text.substr(token.begin, token.end - token.begin);
    if (token.kind == Kind::string) {
      append_mended_string(spelled, halves, mended);
    } else if (token.kind == Kind::not_finite || (token.kind == Kind::number && is_out_of_range(spelled))) {
      mended.text += "null";
      mended.changed = true;
    } else {
      mended.text += spelled;
    }
  }
}

}  // namespace abstractllm
