// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "abstractllm/usage.hpp"
#include "base/json.hpp"

namespace abstractllm {

/// Writes an object or a list from left to right. JSON from outside is copied as text. Parsing and rewriting would
/// change the spelling of its numbers and strings, and would round integers above 64 bits.
class JsonWriter {
 public:
  explicit JsonWriter(std::string_view brackets = "{}") : text_(1, brackets.front()), closing_(brackets.back()) {}

  /// Adds a value of known size: a string, a number, a flag.
  template <class T>
  void add(std::string_view name, const T& value) {
    add_json(name, dump_json(Json(value)));
  }
  void add_known(std::string_view name, const std::string& value) {
    if (!value.empty()) add(name, value);
  }
  void add_known(std::string_view name, const TokenCount& count) {
    if (count.known()) add(name, count.value_or(0));
  }
  template <class T>
  void add_known(std::string_view name, const std::optional<T>& value) {
    if (value) add(name, *value);
  }

  /// `json` must be valid JSON.
  void add_json(std::string_view name, std::string_view json) {
    add_element(dump_json(Json(name)) + ":");
    text_ += json;
  }
  void add_element(std::string_view json) {
    if (text_.size() > 1) text_ += ',';
    text_ += json;
  }

  bool empty() const { return text_.size() == 1; }
  std::string finish() && { return std::move(text_) + closing_; }

 private:
  std::string text_;
  char closing_;
};

}  // namespace abstractllm
