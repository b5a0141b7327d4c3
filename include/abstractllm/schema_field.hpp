// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "abstractllm/schema_text.hpp"

namespace abstractllm {

/// Describes a struct or an enum, so that a model can write and read it. A program specialises it:
///
///     template <>
///     struct abstractllm::Schema<Weather> {
///       static constexpr auto fields = std::tuple(
///           abstractllm::field("city", &Weather::city, "City name"),
///           abstractllm::field("celsius", &Weather::celsius, "Degrees Celsius").minimum(-90).maximum(60),
///           abstractllm::field("unit", &Weather::unit, "Unit to show").default_value(Unit::celsius));
///     };
///     template <>
///     struct abstractllm::Schema<Unit> {
///       static constexpr auto values = std::array{abstractllm::enumerator("celsius", Unit::celsius),
///                                                 abstractllm::enumerator("fahrenheit", Unit::fahrenheit)};
///     };
///
/// What can be described: bool; every integer type up to 64 bits (a char is no integer), with its own range; float and
/// double; std::string; enums; std::optional (not required); std::vector; std::array; std::map with std::string keys;
/// structs with a default constructor. They nest in any way. A struct may hold itself, in a std::vector or a std::map.
/// Another type is a compile error that says this.
template <class T>
struct Schema;

namespace schema_detail {

class NoDefault {
 public:
  constexpr NoDefault() {}
};

/// A string literal becomes a view of itself.
template <class Value>
using Stored = std::conditional_t<std::is_convertible_v<Value, std::string_view>, std::string_view, Value>;

}  // namespace schema_detail

/// One field of a struct: see field(). It keeps views of its texts, so these must be string literals. Each setter
/// returns a copy.
template <class Class, class Member, class Default = schema_detail::NoDefault>
class Field {
 public:
  constexpr Field(std::string_view name, Member Class::*member, std::string_view description,
                  schema_detail::SchemaLimits limits = {}, Default value = {})
      : name_(name), description_(description), member_(member), limits_(limits), default_(value) {}

  /// The smallest and the largest number, both included. They narrow the range of an integer type.
  constexpr Field minimum(schema_detail::SchemaNumber value) const {
    Field copy = *this;
    copy.limits_.minimum = value;
    return copy;
  }
  constexpr Field maximum(schema_detail::SchemaNumber value) const {
    Field copy = *this;
    copy.limits_.maximum = value;
    return copy;
  }
  /// The length of a string in characters (Unicode code points).
  constexpr Field min_length(std::size_t value) const {
    Field copy = *this;
    copy.limits_.min_length = value;
    return copy;
  }
  constexpr Field max_length(std::size_t value) const {
    Field copy = *this;
    copy.limits_.max_length = value;
    return copy;
  }
  /// A regular expression that is found in the string. `^…$` fits the whole string.
  constexpr Field pattern(std::string_view value) const {
    Field copy = *this;
    copy.limits_.pattern = value;
    return copy;
  }
  /// The number of elements of a std::vector.
  constexpr Field min_items(std::size_t value) const {
    Field copy = *this;
    copy.limits_.min_items = value;
    return copy;
  }
  constexpr Field max_items(std::size_t value) const {
    Field copy = *this;
    copy.limits_.max_items = value;
    return copy;
  }
  /// The value if the model leaves the field out: a bool, a number, a string literal, an enumerator, or a std::array of
  /// them for a std::vector. The field is not required then.
  template <class Value>
  constexpr auto default_value(Value value) const {
    using Stored = schema_detail::Stored<Value>;
    return Field<Class, Member, Stored>(name_, member_, description_, limits_, Stored(value));
  }

  // These are for the library.
  static constexpr bool has_default = !std::is_same_v<Default, schema_detail::NoDefault>;
  constexpr std::string_view name() const noexcept { return name_; }
  constexpr std::string_view description() const noexcept { return description_; }
  constexpr Member Class::*member() const noexcept { return member_; }
  constexpr const schema_detail::SchemaLimits& limits() const noexcept { return limits_; }
  constexpr const Default& stored_default() const noexcept { return default_; }

 private:
  std::string_view name_;
  std::string_view description_;
  Member Class::*member_;
  schema_detail::SchemaLimits limits_;
  Default default_;
};

/// A field of a struct: its name in JSON, the member, and a description that the model reads. An empty description is
/// left out.
template <class Class, class Member>
constexpr Field<Class, Member> field(std::string_view name, Member Class::*member, std::string_view description = {}) {
  return Field<Class, Member>(name, member, description);
}

/// One enumerator: see enumerator(). It keeps a view of its name, so this must be a string literal.
template <class Enum>
class Enumerator {
 public:
  constexpr Enumerator(std::string_view name, Enum value) : name_(name), value_(value) {}
  constexpr std::string_view name() const noexcept { return name_; }
  constexpr Enum value() const noexcept { return value_; }

 private:
  std::string_view name_;
  Enum value_;
};

/// An enumerator and the string that stands for it in JSON.
template <class Enum>
constexpr Enumerator<Enum> enumerator(std::string_view name, Enum value) {
  return Enumerator<Enum>(name, value);
}

namespace schema_detail {

enum class Shape : std::uint8_t {
  unknown,
  boolean,
  integer,
  number,
  string,
  enumeration,
  structure,
  optional,
  list,
  array,
  map
};

template <class T>
inline constexpr Shape container_shape = Shape::unknown;
template <class T>
inline constexpr Shape container_shape<std::optional<T>> = Shape::optional;
template <class T, class Allocator>
inline constexpr Shape container_shape<std::vector<T, Allocator>> = Shape::list;
template <class T, std::size_t size>
inline constexpr Shape container_shape<std::array<T, size>> = Shape::array;
template <class T, class Compare, class Allocator>
inline constexpr Shape container_shape<std::map<std::string, T, Compare, Allocator>> = Shape::map;
template <>
inline constexpr Shape container_shape<std::string> = Shape::string;
template <>
inline constexpr Shape container_shape<bool> = Shape::boolean;
template <>
inline constexpr Shape container_shape<float> = Shape::number;
template <>
inline constexpr Shape container_shape<double> = Shape::number;

template <class T>
inline constexpr bool is_character =
    std::is_same_v<T, char> || std::is_same_v<T, wchar_t> || std::is_same_v<T, char8_t> ||
    std::is_same_v<T, char16_t> || std::is_same_v<T, char32_t>;

template <class T>
constexpr Shape shape_of() {
  if (std::is_const_v<T> || container_shape<T> != Shape::unknown) return container_shape<T>;
  if constexpr (std::is_integral_v<T>) {
    return is_character<T> || sizeof(T) > sizeof(std::uint64_t) ? Shape::unknown : Shape::integer;
  } else if constexpr (std::is_enum_v<T>) {
    return requires { Schema<T>::values; }
    ? Shape::enumeration : Shape::unknown;
  } else if constexpr (std::is_class_v<T>) {
    return requires { Schema<T>::fields; }
    ? Shape::structure : Shape::unknown;
  }
  return Shape::unknown;
}

template <class T>
inline constexpr bool is_described = shape_of<T>() != Shape::unknown;
template <class T>
inline constexpr bool is_optional = shape_of<T>() == Shape::optional;

/// Its instantiation is the one place that refuses a type, so that the sentence comes once.
template <class T>
class Describable {
  static_assert(
      is_described<T>,
      "this type cannot be described to a model; what can: bool, integers other than characters, float, double, "
      "std::string, std::optional, std::vector, std::array, std::map with std::string keys, and structs and "
      "enums with a specialisation of abstractllm::Schema");
};

/// Does not compile if a type cannot be described. Its conditions use is_described, for a class that failed is no
/// constant to Clang, which would add sentences of its own.
template <class... T>
void require_described() {
  (static_cast<void>(sizeof(Describable<T>)), ...);
}

}  // namespace schema_detail

}  // namespace abstractllm
