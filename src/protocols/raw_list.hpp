// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/json_element.hpp"

namespace abstractllm {

/// Appends one JSON value, as the provider sent it, to a JSON list in a string. An empty string is an empty list.
inline void append_raw(std::string& list, JsonElement value) {
  if (list.empty()) list = "[";
  else list.back() = ',';
  list += simdjson::minify(value);
  list += ']';
}

/// Appends each element of a JSON list.
inline void append_raw_elements(std::string& list, const std::optional<JsonElement>& values) {
  for_each(values, [&](JsonElement value) { append_raw(list, value); });
}

}  // namespace abstractllm
