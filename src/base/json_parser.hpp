// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "abstractllm/result.hpp"
#include "base/json_element.hpp"

namespace abstractllm {

/// Parses one JSON text after the other into the same memory.
class JsonParser {
 public:
  /// `text` has SIMDJSON_PADDING readable bytes behind it. The element lives until the next call.
  ///
  /// Escapes of half a UTF-16 pair, which are not JSON but which servers send when they cut text between the halves,
  /// read as U+FFFD. `event_number`: which event of the stream it is, from 1; 0: it is a body. Errors: protocol; says
  /// where, never quotes the text.
  Result<JsonElement> parse(std::string_view text, std::size_t event_number);

 private:
  simdjson::error_code parse_padded(const char* text, std::size_t size, JsonElement& element);

  simdjson::dom::parser parser_;
  simdjson::dom::document document_;
  std::string mended_;
};

}  // namespace abstractllm
