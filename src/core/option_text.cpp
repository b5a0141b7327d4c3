// SPDX-License-Identifier: Apache-2.0
#include "core/option_text.hpp"
#include "base/ascii.hpp"
#include "base/header_name.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

namespace abstractllm {
namespace {

Error unfit(std::string_view name, std::string_view text, std::string_view expected) {
  return {ErrorKind::invalid_argument,
          std::string(name) + " is '" + std::string(text) + "'; it must be " + std::string(expected)};
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

Result<void> set_from_text(std::string_view, std::string_view text, std::optional<option_kind::text>& value) {
  value = std::string(text);
  return {};
}

Result<void> set_from_text(std::string_view name, std::string_view text, std::optional<option_kind::number>& value) {
  const auto number = parse_number<double>(text);
  if (!number) return unfit(name, text, "a number");
  value = *number;
  return {};
}

Result<void> set_from_text(std::string_view name, std::string_view text, std::optional<option_kind::integer>& value) {
  const auto number = parse_number<std::int64_t>(text);
  if (!number) return unfit(name, text, "a whole number");
  value = *number;
  return {};
}

Result<void> set_from_text(std::string_view name, std::string_view text, std::optional<option_kind::boolean>& value) {
  constexpr std::array<std::string_view, 4> yes = {"true", "1", "yes", "on"};
  constexpr std::array<std::string_view, 4> no = {"false", "0", "no", "off"};
  if (std::find(yes.begin(), yes.end(), text) != yes.end()) value = true;
  else if (std::find(no.begin(), no.end(), text) != no.end()) value = false;
  else return unfit(name, text, "true or false");
  return {};
}

Result<void> set_from_text(std::string_view, std::string_view text, std::optional<option_kind::texts>& value) {
  if (!value) value.emplace();
  value->emplace_back(text);
  return {};
}

Result<void> set_from_text(std::string_view, std::string_view text, std::optional<option_kind::images>& value) {
  if (!value) value.emplace();
  value->push_back(Image(std::string(text)));
  return {};
}

Result<void> set_from_text(std::string_view, std::string_view text, std::optional<option_kind::recordings>& value) {
  if (!value) value.emplace();
  value->push_back(Audio(std::string(text)));
  return {};
}

Result<void> set_from_text(std::string_view name, std::string_view text, std::optional<option_kind::duration>& value) {
  const auto seconds = parse_number<double>(text);
  constexpr double longest = 1e9;  // keeps the conversion to milliseconds defined; validate() checks the real limit
  if (!seconds || !std::isfinite(*seconds) || std::abs(*seconds) > longest)
    return unfit(name, text, "a number of seconds");
  value = std::chrono::milliseconds(std::llround(*seconds * 1000.0));
  return {};
}

Result<void> set_from_text(std::string_view name, std::string_view text, std::optional<option_kind::biases>& value) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) return unfit(name, text, "TOKEN_ID=BIAS");
  const auto token = parse_number<std::int32_t>(text.substr(0, equals));
  const auto bias = parse_number<double>(text.substr(equals + 1));
  if (!token || !bias) return unfit(name, text, "TOKEN_ID=BIAS with a whole number and a number");
  if (!value) value.emplace();
  (*value)[*token] = *bias;
  return {};
}

Result<void> set_from_text(std::string_view name, std::string_view text, std::optional<option_kind::headers>& value) {
  const auto colon = text.find(':');
  // The message does not quote the text, because it may hold a key.
  if (colon == std::string_view::npos)
    return Error(ErrorKind::invalid_argument, std::string(name) + " must be 'Name: value'");
  if (!value) value.emplace();
  value->emplace_back(trimmed(text.substr(0, colon)), trimmed(text.substr(colon + 1)));
  return {};
}

Result<void> check_json_object(std::string_view option, std::string_view text) {
  const auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_object()) return {};
  return Error(ErrorKind::invalid_argument,
               std::string(option) + (json.is_discarded() ? " is not valid JSON" : " is JSON, but not an object") +
                   "; it must be one object, like {\"name\": 1}");
}

Result<void> check_secret(std::string_view option, std::string_view text) {
  if (text.empty()) return Error(ErrorKind::not_configured, std::string(option) + " is empty");
  const bool clean = std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c != 0x7f; });
  if (clean) return {};
  return Error(ErrorKind::not_configured, std::string(option) +
                                              " holds a blank, a line end or another character that no key has; was it "
                                              "copied whole and alone?");
}

Result<void> check_header(std::string_view option, std::string_view name, std::string_view value) {
  if (!is_header_name(name))
    return Error(ErrorKind::invalid_argument,
                 std::string(option) + " has '" + std::string(name) + "', which is not a header name");
  const bool clean =
      std::none_of(value.begin(), value.end(), [](char c) { return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7f; });
  if (clean) return {};
  return Error(ErrorKind::invalid_argument,
               std::string(option) + ": the value of '" + std::string(name) + "' holds a control character");
}

}  // namespace abstractllm
