// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "abstractllm/result.hpp"
#include "abstractllm/schema_field.hpp"
#include "abstractllm/schema_text.hpp"

/// Writes and reads the values of described types, and writes their schemas. schema_field.hpp describes a type.
namespace abstractllm {

namespace schema_detail {

/// An address that belongs to one type.
template <class T>
inline constexpr char type_key = 0;

template <class Enum>
std::vector<std::string_view> names_of() {
  std::vector<std::string_view> names;
  names.reserve(Schema<Enum>::values.size());
  for (const auto& each : Schema<Enum>::values) names.push_back(each.name());
  return names;
}

// ---- values to JSON

template <class T>
void encode(ValueText& out, const T& value);

template <class T>
void encode_fields(ValueText& out, const T& value) {
  out.begin_object();
  const auto encode_field = [&](const auto& field) {
    const auto& member = value.*field.member();
    if constexpr (is_optional<std::remove_cvref_t<decltype(member)>>) {
      if (!member) return;
    }
    out.member(field.name());
    encode(out, member);
  };
  if (!out.failed()) std::apply([&](const auto&... field) { (encode_field(field), ...); }, Schema<T>::fields);
  out.end_object();
}

template <class T>
void encode_name(ValueText& out, T value) {
  for (const auto& each : Schema<T>::values)
    if (each.value() == value) return out.string(each.name());
  out.fail("holds an enumerator that Schema does not name");
}

template <class T>
void encode(ValueText& out, const T& value) {
  constexpr Shape shape = shape_of<T>();
  if constexpr (shape == Shape::boolean) {
    out.boolean(value);
  } else if constexpr (shape == Shape::integer) {
    out.integer(static_cast<std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>>(value));
  } else if constexpr (shape == Shape::number) {
    out.number(value);
  } else if constexpr (shape == Shape::enumeration) {
    encode_name(out, value);
  } else if constexpr (shape == Shape::structure) {
    encode_fields(out, value);
  } else if constexpr (shape == Shape::optional) {
    value ? encode(out, *value) : out.null();
  } else if constexpr (shape == Shape::list || shape == Shape::array) {
    out.begin_list();
    for (std::size_t i = 0; i < value.size() && !out.failed(); ++i) encode<typename T::value_type>(out, value[i]);
    out.end_list();
  } else if constexpr (shape == Shape::map) {
    out.begin_object();
    for (auto each = value.begin(); each != value.end() && !out.failed(); ++each) {
      out.member(each->first);
      encode(out, each->second);
    }
    out.end_object();
  } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    out.string(value);
  } else {
    require_described<T>();
  }
}

template <class T>
Result<std::string> value_json(const T& value) {
  ValueText out;
  encode(out, value);
  return std::move(out).finish();
}

/// The default of a field as JSON, if it has one.
template <class Class, class Member, class Default>
std::optional<std::string> default_json(const Field<Class, Member, Default>& field) {
  if constexpr (!Field<Class, Member, Default>::has_default) return std::nullopt;
  else return value_json(field.stored_default()).value_or("null");
}

// ---- JSON to values

template <class T>
void decode(JsonReader& reader, T& value);

/// A member that may be absent may be null, too.
template <class T>
void decode_member(JsonReader& reader, T& value, bool has_default, bool& found) {
  found = !((is_optional<T> || has_default) && reader.take_null());
  if (found) decode(reader, value);
}

/// What a member is if the object does not have it.
template <class T>
void complete_member(JsonReader& reader, std::string_view name, T& value,
                     const std::optional<std::string>& default_value) {
  if (default_value) {
    JsonReader of_default(*default_value);
    decode(of_default, value);
  } else if constexpr (is_optional<T>) {
    value.reset();
  } else {
    reader.fail_missing(name);
  }
}

template <class T, class... Fields>
void decode_fields(JsonReader& reader, T& value, const Fields&... fields) {
  [[maybe_unused]] bool found[sizeof...(Fields) + 1] = {};
  if (!reader.begin_object()) return;
  while (reader.next_member()) {
    std::size_t at = 0;
    const auto take = [&](const auto& field) {
      if (reader.member() != field.name()) return ++at, false;
      decode_member(reader, value.*field.member(), field.has_default, found[at]);
      return true;
    };
    if (!(take(fields) || ...)) reader.skip();
  }
  std::size_t at = 0;
  const auto complete = [&](const auto& field) {
    if (!found[at++]) complete_member(reader, field.name(), value.*field.member(), default_json(field));
  };
  (complete(fields), ...);
}

template <class T>
void decode_integer(JsonReader& reader, T& value) {
  std::uint64_t bits = 0;
  using Limits = std::numeric_limits<T>;
  if (reader.read_integer(static_cast<std::int64_t>(Limits::min()), static_cast<std::uint64_t>(Limits::max()), bits))
    value = static_cast<T>(bits);
}

template <class T>
void decode_name(JsonReader& reader, T& value) {
  std::string name;
  if (!reader.read(name)) return;
  for (const auto& each : Schema<T>::values)
    if (each.name() == name) return static_cast<void>(value = each.value());
  reader.fail_name(names_of<T>());
}

template <class T>
void decode_list(JsonReader& reader, T& value) {
  if constexpr (is_described<typename T::value_type>) {
    value.clear();
    if (!reader.begin_list()) return;
    while (reader.next_element()) {
      typename T::value_type element{};
      decode(reader, element);
      value.push_back(std::move(element));
    }
  }
}

template <class T, std::size_t size>
void decode_array(JsonReader& reader, std::array<T, size>& value) {
  if (!reader.begin_list()) return;
  std::size_t count = 0;
  for (; reader.next_element(); ++count) {
    if (count < size) decode(reader, value[count]);
    else reader.skip();
  }
  if (count != size) {
    reader.fail("must have " + std::to_string(size) + " elements, not " + std::to_string(count));
  }
}

template <class T>
void decode_map(JsonReader& reader, T& value) {
  if constexpr (is_described<typename T::mapped_type>) {
    value.clear();
    if (!reader.begin_object()) return;
    while (reader.next_member()) {
      typename T::mapped_type& element = value[std::string(reader.member())];
      element = typename T::mapped_type{};
      decode(reader, element);
    }
  }
}

template <class T>
void decode(JsonReader& reader, T& value) {
  constexpr Shape shape = shape_of<T>();
  if constexpr (shape == Shape::boolean || shape == Shape::number || shape == Shape::string) {
    reader.read(value);
  } else if constexpr (shape == Shape::integer) {
    decode_integer(reader, value);
  } else if constexpr (shape == Shape::enumeration) {
    decode_name(reader, value);
  } else if constexpr (shape == Shape::structure) {
    std::apply([&](const auto&... fields) { decode_fields(reader, value, fields...); }, Schema<T>::fields);
  } else if constexpr (shape == Shape::optional) {
    if constexpr (is_described<typename T::value_type>) {
      if (reader.take_null()) return value.reset();
      decode(reader, value.emplace());
    }
  } else if constexpr (shape == Shape::list) {
    decode_list(reader, value);
  } else if constexpr (shape == Shape::array) {
    decode_array(reader, value);
  } else if constexpr (shape == Shape::map) {
    decode_map(reader, value);
  } else if constexpr (!std::is_const_v<T>) {
    require_described<T>();
  }
}

/// Reads a value from JSON text of any origin. Errors: schema_mismatch, which names the place.
template <class T>
Result<T> value_from_json(std::string_view json) {
  T value{};
  JsonReader reader(json);
  decode(reader, value);
  if (std::optional<Error> error = reader.error()) return *std::move(error);
  return value;
}

// ---- types to schemas

template <class T>
void describe(SchemaText& out, const SchemaLimits& limits);

/// Describes a member of an object. An optional one is its own type, not required.
template <class T>
void describe_member(SchemaText& out, std::string_view name, std::string_view description, const SchemaLimits& limits,
                     const std::optional<std::string>& default_value) {
  out.begin_member(name);
  if constexpr (is_optional<T>) describe<typename T::value_type>(out, limits);
  else describe<T>(out, limits);
  if constexpr (is_described<T>) {
    if (default_value && !value_from_json<T>(*default_value)) {
      out.fail("its default does not fit its type: " + *default_value);
    }
  }
  out.end_member(description, !is_optional<T> && !default_value, default_value);
}

template <class T>
void describe_fields(SchemaText& out, const SchemaLimits& limits) {
  static_assert(std::is_default_constructible_v<T>, "a struct that Schema describes needs a default constructor");
  if (!out.begin_object(&type_key<T>, limits)) return;
  const auto add = [&]<class Class, class Member, class Default>(const Field<Class, Member, Default>& field) {
    describe_member<Member>(out, field.name(), field.description(), field.limits(), default_json(field));
  };
  std::apply([&](const auto&... field) { (add(field), ...); }, Schema<T>::fields);
  out.end_object();
}

template <class T>
void describe(SchemaText& out, const SchemaLimits& limits) {
  constexpr Shape shape = shape_of<T>();
  if constexpr (shape == Shape::boolean) {
    out.boolean(limits);
  } else if constexpr (shape == Shape::integer) {
    using Range = std::numeric_limits<T>;
    out.integer(static_cast<std::int64_t>(Range::min()), static_cast<std::uint64_t>(Range::max()), limits);
  } else if constexpr (shape == Shape::number) {
    out.number(limits);
  } else if constexpr (shape == Shape::string) {
    out.string(limits);
  } else if constexpr (shape == Shape::enumeration) {
    out.enumeration(names_of<T>(), limits);
  } else if constexpr (shape == Shape::structure) {
    describe_fields<T>(out, limits);
  } else if constexpr (shape == Shape::optional) {
    out.begin_nullable();
    describe<typename T::value_type>(out, limits);
    out.end_nullable();
  } else if constexpr (shape == Shape::list) {
    out.begin_list(std::nullopt, limits);
    describe<typename T::value_type>(out, SchemaLimits());
    out.end_list();
  } else if constexpr (shape == Shape::array) {
    out.begin_list(std::tuple_size_v<T>, limits);
    describe<typename T::value_type>(out, SchemaLimits());
    out.end_list();
  } else if constexpr (shape == Shape::map) {
    out.begin_map(limits);
    describe<typename T::mapped_type>(out, SchemaLimits());
    out.end_map();
  } else {
    require_described<T>();
  }
}

}  // namespace schema_detail

/// Returns the JSON Schema of a C++ type, as text without blanks. Equal types give equal bytes. Errors:
/// invalid_argument if a description makes no sense: a name twice, a minimum above the maximum, a limit that does not
/// fit the type, a default of another type.
template <class T>
Result<std::string> schema_json() {
  schema_detail::SchemaText out;
  schema_detail::describe<T>(out, schema_detail::SchemaLimits());
  return std::move(out).finish();
}

}  // namespace abstractllm
