// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace abstractllm {

/// A conversation's JSON text without the values whose spelling must survive: arguments of tool calls and provider
/// data. A JSON library would write their numbers and strings in another way, and round integers above 64 bits.
class KeptSpellings {
 public:
  /// `json` is JSON and outlives this object. Takes out each object or list that is a member "arguments", and each
  /// value that is a member "data". Linear, without recursion.
  explicit KeptSpellings(std::string_view json);

  /// The text with marks in their place.
  const std::string& text() const { return text_; }

  /// The spelling of what parse_json() made of such a mark; for anything else, what it is when it is written anew.
  std::string spelling_of(const Json& value) const;

 private:
  std::string text_;
  std::vector<std::string_view> values_;
};

/// The value of the member `name` of a JSON object, as it is spelled; of several, the last. Empty where there is none.
/// Linear, without recursion.
std::string_view spelled_member(std::string_view object, std::string_view name);

}  // namespace abstractllm
