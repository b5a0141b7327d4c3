// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "abstractllm/result.hpp"
#include "base/json_element.hpp"
#include "base/json_text.hpp"

namespace abstractllm {

/// Parses one JSON text after the other into the same memory. Text of a server: what is JSON to some server but not to
/// the parser is read as well as it can be (mend_json). At most 1024 levels deep. Linear in the text.
class JsonParser {
 public:
  /// `text` has SIMDJSON_PADDING readable bytes behind it, and lives as long as the element is used. The element lives
  /// until the next call.
  ///
  /// `event_number`: which event of the stream it is, from 1; 0: it is a body. Errors: protocol; the message says
  /// where, and provider_message is the beginning of the text.
  Result<JsonElement> parse(std::string_view text, std::size_t event_number, HalfPairs halves = HalfPairs::replace);

  /// Whether strings of the last text hold marks of half pairs (HalfPairs::mark).
  bool has_marks() const { return has_marks_; }

  /// An object of the last text as its sender spelled it, without blanks. Anything but an object is written anew.
  std::string spelled(JsonElement object) const;

 private:
  /// A string of the text: where the parser keeps it and where it stands in the text.
  using StringPlace = std::pair<std::size_t, std::size_t>;

  simdjson::error_code parse_padded(const char* text, std::size_t size, JsonElement& element);
  void find_strings() const;

  simdjson::dom::parser parser_;
  simdjson::dom::document document_;
  std::string_view text_;
  std::string mended_;
  bool has_marks_ = false;
  mutable std::vector<StringPlace> strings_;  // in their order; empty until spelled() needs them
};

}  // namespace abstractllm
