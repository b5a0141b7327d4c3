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

/// Parses one JSON text after the other into the same memory. The text comes from a server: invalid JSON that some
/// servers send is repaired where possible (mend_json). At most 1024 levels. Takes linear time.
class JsonParser {
 public:
  /// `text` needs SIMDJSON_PADDING readable bytes after its end, and must outlive the use of the element. The element
  /// is valid until the next call.
  ///
  /// `event_number` is the number of the event in the stream, from 1, or 0 for a body. Errors: protocol. The message
  /// has the position, and provider_message is the beginning of the text.
  Result<JsonElement> parse(std::string_view text, std::size_t event_number, HalfPairs halves = HalfPairs::replace);

  /// Whether strings of the last text have marks of half pairs (HalfPairs::mark).
  bool has_marks() const { return has_marks_; }

  /// An object of the last text in its original spelling, without blanks. Other values are serialised again.
  std::string spelled(JsonElement object) const;

 private:
  /// A string of the text: its place in the parser's memory and its place in the text.
  using StringPosition = std::pair<std::size_t, std::size_t>;

  simdjson::error_code parse_padded(const char* text, std::size_t size, JsonElement& element);
  void find_strings() const;

  simdjson::dom::parser parser_;
  simdjson::dom::document document_;
  std::string_view text_;
  std::string mended_;
  bool has_marks_ = false;
  mutable std::vector<StringPosition> strings_;  // in order; empty until spelled() needs them
};

}  // namespace abstractllm
