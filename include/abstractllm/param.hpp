// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "abstractllm/export.hpp"
#include "abstractllm/schema.hpp"

namespace abstractllm {

/// Describes one parameter of a function that becomes a tool: see Tool::from(). A setter returns a copy. A setter that
/// does not fit the type of the parameter is a fault of the tool (Tool::fault()).
class ABSTRACTLLM_API Param {
 public:
  /// The name in JSON, and a description that the model reads. An empty description is left out.
  explicit Param(std::string name, std::string description = {})
      : name_(std::move(name)), description_(std::move(description)) {}

  /// The smallest and the largest number, both included. They narrow the range of an integer type.
  [[nodiscard]] Param minimum(schema_detail::SchemaNumber value) const;
  [[nodiscard]] Param maximum(schema_detail::SchemaNumber value) const;
  /// The length of a string in characters (Unicode code points).
  [[nodiscard]] Param min_length(std::size_t value) const;
  [[nodiscard]] Param max_length(std::size_t value) const;
  /// A regular expression that is found in the string. `^…$` fits the whole string.
  [[nodiscard]] Param pattern(std::string value) const;
  /// The strings that are allowed. An enum with a Schema checks more at compile time.
  [[nodiscard]] Param one_of(std::vector<std::string> values) const;
  /// The number of elements of a std::vector.
  [[nodiscard]] Param min_items(std::size_t value) const;
  [[nodiscard]] Param max_items(std::size_t value) const;
  /// The value if the model leaves the argument out. It has any type that Schema can describe, or is a string literal.
  /// The parameter is not required then.
  template <class Value>
  [[nodiscard]] Param default_value(const Value& value) const {
    Param copy = *this;
    copy.default_json_ = schema_detail::value_json(value).value_or("null");
    return copy;
  }

  const std::string& name() const noexcept { return name_; }
  const std::string& description() const noexcept { return description_; }
  /// The default as JSON text, or nullopt.
  const std::optional<std::string>& default_json() const noexcept { return default_json_; }
  /// For the library. The limits are valid as long as this object.
  schema_detail::SchemaLimits limits() const;

 private:
  std::string name_;
  std::string description_;
  schema_detail::SchemaLimits limits_;  // without its views
  std::string pattern_;
  std::optional<std::vector<std::string>> one_of_;
  std::optional<std::string> default_json_;
};

}  // namespace abstractllm
