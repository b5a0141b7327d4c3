// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <limits>

#include "abstractllm/json.hpp"
#include "abstractllm/schema_text.hpp"
#include "base/json_text.hpp"
#include "base/utf8.hpp"
#include "schema/decimal.hpp"
#include "schema/json_string.hpp"

namespace abstractllm::schema_detail {
namespace {

using TokenKind = JsonToken::Kind;

constexpr std::size_t deepest_text = 200;
constexpr std::size_t most_bytes_shown = 60;
constexpr std::string_view blank_bytes = " \t\r\n";

/// The value of a number token. Too small a number is 0. Empty if it is too large.
std::optional<double> real_value(std::string_view token) {
  double value = 0;
  if (std::from_chars(token.data(), token.data() + token.size(), value).ec == std::errc()) return value;
  if (Decimal(token).is_below_one()) return 0.0;
  return std::nullopt;
}

}  // namespace

JsonReader::JsonReader(std::string_view text) : text_(text) {
  const std::optional<abstractllm::JsonFault> fault = find_json_fault(text, deepest_text);
  if (!fault) return;
  failed_ = true;
  fault_ = fault->too_deep ? "must not have more than 200 levels of JSON"
                           : "must be JSON; the text is not, at byte " + std::to_string(fault->at);
}

std::string_view JsonReader::next_token() {
  const JsonToken token = JsonTokens(text_, at_).next();
  at_ = token.end;
  return text_.substr(token.begin, token.end - token.begin);
}

char JsonReader::first_byte() {
  at_ = std::min(text_.find_first_not_of(blank_bytes, at_), text_.size());
  value_at_ = at_;
  return at_ < text_.size() ? text_[at_] : '\0';
}

bool JsonReader::take_null() {
  if (failed_ || first_byte() != 'n') return false;
  next_token();
  return true;
}

bool JsonReader::read(bool& value) {
  if (failed_) return false;
  const char first = first_byte();
  if (first != 't' && first != 'f') return fail_type("true or false");
  next_token();
  value = first == 't';
  return true;
}

bool JsonReader::read(std::string& value) {
  if (failed_) return false;
  if (first_byte() != '"') return fail_type("a string");
  value = utf8_of_json_string(next_token());
  return true;
}

bool JsonReader::read(double& value) {
  if (failed_) return false;
  const char first = first_byte();
  if (first != '-' && (first < '0' || first > '9')) return fail_type("a number");
  const std::optional<double> number = real_value(next_token());
  if (!number) return fail_type("a number that a double can hold");
  value = *number;
  return true;
}

bool JsonReader::read(float& value) {
  double wide = 0;
  if (!read(wide)) return false;
  // A double that rounds to the largest float is below this limit, which the conversion needs.
  constexpr double limit = std::numeric_limits<float>::max();
  if (wide > limit || wide < -limit) return fail_type("a number that a float can hold");
  value = static_cast<float>(wide);
  return true;
}

bool JsonReader::read_integer(std::int64_t minimum, std::uint64_t maximum, std::uint64_t& bits) {
  if (failed_) return false;
  const char first = first_byte();
  if (first != '-' && (first < '0' || first > '9')) return fail_type("an integer");
  const Decimal number(next_token());
  if (!number.is_integer()) return fail_type("an integer");
  const std::optional<std::uint64_t> magnitude = number.magnitude();
  const std::uint64_t lowest = std::uint64_t{0} - static_cast<std::uint64_t>(minimum);
  if (!magnitude || *magnitude > (number.is_negative() ? lowest : maximum)) {
    return fail_type("an integer from " + std::to_string(minimum) + " to " + std::to_string(maximum));
  }
  bits = number.is_negative() ? std::uint64_t{0} - *magnitude : *magnitude;
  return true;
}

bool JsonReader::begin_object() {
  if (failed_) return false;
  if (first_byte() != '{') return fail_type("an object");
  next_token();
  steps_.emplace_back(false);
  return true;
}

bool JsonReader::next_member() {
  if (failed_) return false;
  Step& step = steps_.back();
  if (std::string_view token = next_token(); token == "}") {
    steps_.pop_back();
    return false;
  } else {
    if (!step.is_first) token = next_token();
    step.name = utf8_of_json_string(token);
  }
  next_token();  // the colon
  first_byte();
  step.is_first = false;
  return true;
}

std::string_view JsonReader::member() const { return steps_.empty() ? std::string_view() : steps_.back().name; }

bool JsonReader::begin_list() {
  if (failed_) return false;
  if (first_byte() != '[') return fail_type("a list");
  next_token();
  steps_.emplace_back(true);
  return true;
}

bool JsonReader::next_element() {
  if (failed_) return false;
  Step& step = steps_.back();
  const char first = first_byte();
  if (first == ']' || !step.is_first) next_token();
  if (first == ']') {
    steps_.pop_back();
    return false;
  }
  if (!step.is_first) ++step.index;
  step.is_first = false;
  first_byte();
  return true;
}

void JsonReader::skip() {
  if (failed_) return;
  std::size_t depth = 0;
  do {
    const JsonToken token = JsonTokens(text_, at_).next();
    at_ = token.end;
    if (token.kind == TokenKind::begin_object || token.kind == TokenKind::begin_list) ++depth;
    if (token.kind == TokenKind::end_object || token.kind == TokenKind::end_list) --depth;
  } while (depth > 0);
}

bool JsonReader::fail_type(std::string_view expected) {
  fail("must be " + std::string(expected) + ", not " + shown_value());
  return false;
}

void JsonReader::fail(const std::string& message) {
  if (failed_) return;
  failed_ = true;
  fault_path_ = path();
  fault_ = message;
}

void JsonReader::fail_missing(std::string_view name) {
  if (failed_) return;
  failed_ = true;
  fault_path_ = path(name);
  fault_ = "is missing";
}

void JsonReader::fail_name(const std::vector<std::string_view>& names) {
  std::string expected = names.size() == 1 ? "" : "one of ";
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) expected += ", ";
    expected += json_string(names[i]);
  }
  fail_type(expected);
}

std::string JsonReader::shown_value() const {
  if (value_at_ >= text_.size()) return "nothing";
  if (text_[value_at_] == '{') return "an object";
  if (text_[value_at_] == '[') return "a list";
  const JsonToken token = JsonTokens(text_, value_at_).next();
  return escaped_start(text_.substr(token.begin, token.end - token.begin), most_bytes_shown);
}

std::string JsonReader::path(std::string_view last) const {
  std::string path;
  const auto add_name = [&](std::string_view name) {
    if (!path.empty()) path += '.';
    path += escaped_start(name, most_bytes_shown);
  };
  for (const Step& step : steps_) {
    if (step.is_first) break;
    if (step.in_list) path += "[" + std::to_string(step.index) + "]";
    else add_name(step.name);
  }
  if (!last.empty()) add_name(last);
  return path;
}

std::optional<Error> JsonReader::error() const {
  if (!failed_) return std::nullopt;
  const std::string place = fault_path_.empty() ? "the value" : "'" + fault_path_ + "'";
  return Error(ErrorKind::schema_mismatch, place + " " + fault_);
}

}  // namespace abstractllm::schema_detail
