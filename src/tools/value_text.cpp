// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <charconv>
#include <cmath>

#include "abstractllm/json.hpp"
#include "abstractllm/schema_text.hpp"

namespace abstractllm::schema_detail {
namespace {

constexpr std::size_t most_open_levels = 200;

/// The shortest text that reads back as the same number.
template <class Real>
std::string real_text(Real value) {
  if (!std::isfinite(value)) return "null";
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return std::string(text.data(), end);
}

}  // namespace

void ValueText::integer(std::int64_t value) { add(std::to_string(value)); }
void ValueText::integer(std::uint64_t value) { add(std::to_string(value)); }
void ValueText::number(double value) { add(real_text(value)); }
void ValueText::number(float value) { add(real_text(value)); }
void ValueText::string(std::string_view value) { add(json_string(value)); }

void ValueText::member(std::string_view name) {
  string(name);
  text_ += ':';
  needs_comma_ = false;
}

void ValueText::add(std::string_view json) {
  if (needs_comma_) text_ += ',';
  text_ += json;
  needs_comma_ = true;
}

void ValueText::begin(char bracket) {
  if (++depth_ > most_open_levels) fail("has more than 200 levels");
  add(std::string_view(&bracket, 1));
  needs_comma_ = false;
}

void ValueText::end(char bracket) {
  --depth_;
  text_ += bracket;
  needs_comma_ = true;
}

void ValueText::fail(const std::string& message) {
  if (fault_.empty()) fault_ = message;
}

Result<std::string> ValueText::finish() && {
  if (!fault_.empty()) return Error(ErrorKind::tool_failed, "the value cannot be written as JSON: it " + fault_);
  return std::move(text_);
}

}  // namespace abstractllm::schema_detail
