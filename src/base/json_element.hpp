// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <simdjson.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Reads parsed JSON from a server that may send anything. A member that is absent, null or of an unexpected type reads
/// as absent and never as a failure.
namespace abstractllm {

using JsonElement = simdjson::dom::element;

/// The members with these names, found in one pass. Each absent or null member is empty. If the element is not an
/// object, all are empty.
template <std::size_t count>
std::array<std::optional<JsonElement>, count> members(JsonElement parent,
                                                      const std::array<std::string_view, count>& names) {
  std::array<std::optional<JsonElement>, count> found;
  simdjson::dom::object object;
  if (parent.get(object) != simdjson::SUCCESS) return found;
  const auto end = object.end();
  for (auto field = object.begin(); field != end; ++field) {
    const std::string_view key = field.key();
    for (std::size_t at = 0; at < count; ++at) {
      if (key != names[at]) continue;
      if (const JsonElement value = field.value(); !value.is_null()) found[at] = value;
      break;
    }
  }
  return found;
}

/// One member, if it is present and not null.
inline std::optional<JsonElement> member(JsonElement parent, std::string_view name) {
  return members(parent, std::array{name})[0];
}

/// The string, or "" for any other type. It is valid until the next use of the parser.
inline std::string_view text_of(const std::optional<JsonElement>& element) {
  std::string_view text;
  if (!element || element->get(text) != simdjson::SUCCESS) return {};
  return text;
}

/// An integer, also if it is written as 3.0.
inline std::optional<std::int64_t> integer_of(const std::optional<JsonElement>& element) {
  std::int64_t integer = 0;
  if (element && element->get(integer) == simdjson::SUCCESS) return integer;
  double number = 0;
  if (element && element->get(number) == simdjson::SUCCESS && std::abs(number) < 1e15 && number == std::floor(number)) {
    return static_cast<std::int64_t>(number);
  }
  return std::nullopt;
}

/// Calls `visit` with each element of an array. Other types have no elements.
template <class Visit>
void for_each(const std::optional<JsonElement>& list, Visit visit) {
  simdjson::dom::array array;
  if (!list || list->get(array) != simdjson::SUCCESS) return;
  for (const JsonElement element : array) visit(element);
}

}  // namespace abstractllm
