// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace abstractllm {

/// A conversation's JSON text without the values whose spelling must be kept: arguments of tool calls and provider
/// data. A JSON library would change the spelling of their numbers and strings, and would round integers above 64 bits.
class KeptSpellings {
 public:
  /// `json` must be valid JSON and must outlive this object. Takes out each object or list that is a member
  /// "arguments", and each value that is a member "data". It takes linear time and does not recurse.
  explicit KeptSpellings(std::string_view json);

  /// The text with marks in place of these values.
  const std::string& text() const { return text_; }

  /// Returns the original spelling if `value` is what parse_json() made of such a mark. Any other value is written
  /// anew.
  std::string spelling_of(const Json& value) const;

 private:
  std::string text_;
  std::vector<std::string_view> values_;
};

/// Returns the value of the member `name` of a JSON object in its original spelling. If there are several, it returns
/// the last. If there is none, it returns an empty text. It takes linear time and does not recurse.
std::string_view spelled_member(std::string_view object, std::string_view name);

}  // namespace abstractllm
