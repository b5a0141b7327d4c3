// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "abstractllm/error.hpp"
#include "abstractllm/export.hpp"
#include "abstractllm/result.hpp"

/// What the templates of schema_field.hpp, schema.hpp and tool.hpp are written with. Programs use those headers, not
/// this one.
namespace abstractllm::schema_detail {

/// A limit of a number, or none. Integers of 64 bits stay exact.
class SchemaNumber {
 public:
  enum class Kind : std::uint8_t { none, negative, positive, real };

  constexpr SchemaNumber() {}
  template <class Number>
  // NOLINTNEXTLINE(google-explicit-constructor): limits are written as numbers
  requires(std::is_arithmetic_v<Number> && !std::is_same_v<Number, bool>) constexpr SchemaNumber(Number value) {
    if constexpr (std::is_floating_point_v<Number>) {
      kind = Kind::real;
      real = static_cast<double>(value);
    } else if (value < Number(0)) {
      kind = Kind::negative;
      negative = static_cast<std::int64_t>(value);
    } else {
      kind = Kind::positive;
      positive = static_cast<std::uint64_t>(value);
    }
  }

  Kind kind = Kind::none;
  std::int64_t negative = 0;
  std::uint64_t positive = 0;
  double real = 0;
};

/// What narrows a type. The views must outlive the writing of the schema.
class SchemaLimits {
 public:
  constexpr SchemaLimits() {}

  SchemaNumber minimum;
  SchemaNumber maximum;
  std::optional<std::size_t> min_length;
  std::optional<std::size_t> max_length;
  std::optional<std::size_t> min_items;
  std::optional<std::size_t> max_items;
  std::string_view pattern;                          ///< empty: none
  const std::vector<std::string>* one_of = nullptr;  ///< null: any text
};

/// Reads one JSON text from left to right, straight into values. Takes linear time and no recursion of its own. The
/// text may be hostile. After the first fault every function does nothing and returns false.
class ABSTRACTLLM_API JsonReader {
 public:
  /// Checks the whole text: one value of JSON of at most 200 levels. The text must outlive the reader.
  explicit JsonReader(std::string_view text);

  /// Passes over `null` and returns true, or returns false.
  bool take_null();
  /// Each reads a value of this type, or fails with what was expected and what came. A float is rounded to its type.
  bool read(bool& value);
  bool read(double& value);
  bool read(float& value);
  bool read(std::string& value);
  /// `bits` is the integer in two's complement. 1.0 and 1e3 are integers too. No value is rounded.
  bool read_integer(std::int64_t minimum, std::uint64_t maximum, std::uint64_t& bits);

  /// After it, call next_member() until it returns false. In between, read or skip() the value of each member.
  bool begin_object();
  bool next_member();
  /// The name of the member that next_member() has found, valid until its value is read.
  std::string_view member() const;
  /// The same for the elements of a list.
  bool begin_list();
  bool next_element();
  /// Passes over one value.
  void skip();

  /// Fails at the value that comes next, or that was read last, with the end of a sentence: "must be …".
  void fail(const std::string& message);
  /// Fails because the object that was read last has no member of this name.
  void fail_missing(std::string_view name);
  /// Fails because the string that was read last is not one of the names.
  void fail_name(const std::vector<std::string_view>& names);

  bool failed() const noexcept { return failed_; }
  /// The first fault, of kind schema_mismatch: "'stops[3].name' must be a string, not 5".
  std::optional<Error> error() const;

 private:
  /// A place in the text: a member of an object, or an element of a list.
  class Step {
   public:
    explicit Step(bool is_list) : in_list(is_list) {}
    bool in_list;
    bool is_first = true;
    std::size_t index = 0;
    std::string name;
  };

  bool fail_type(std::string_view expected);
  std::string_view next_token();
  char first_byte();
  std::string path(std::string_view last = {}) const;
  std::string shown_value() const;

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t value_at_ = 0;  // where the value begins that comes next or was read last
  std::vector<Step> steps_;
  bool failed_ = false;
  std::string fault_path_;
  std::string fault_;
};

/// Writes one JSON text from left to right. Bytes of a string that are not UTF-8 become U+FFFD. NaN and infinities
/// become null.
class ABSTRACTLLM_API ValueText {
 public:
  ValueText() {}

  void null() { add("null"); }
  void boolean(bool value) { add(value ? "true" : "false"); }
  void integer(std::int64_t value);
  void integer(std::uint64_t value);
  void number(double value);
  void number(float value);
  void string(std::string_view value);
  void begin_object() { begin('{'); }
  void member(std::string_view name);
  void end_object() { end('}'); }
  void begin_list() { begin('['); }
  void end_list() { end(']'); }

  /// The value cannot be written. The first message counts.
  void fail(const std::string& message);
  /// Errors: tool_failed with the message of fail(), or because the value has more than 200 levels.
  Result<std::string> finish() &&;
  /// Whether the value has too many levels. Then it is no use to go on.
  bool failed() const noexcept { return !fault_.empty(); }

 private:
  void add(std::string_view json);
  void begin(char bracket);
  void end(char bracket);

  std::string text_;
  bool needs_comma_ = false;
  std::size_t depth_ = 0;
  std::string fault_;
};

/// Writes the JSON Schema of a type. A type that holds itself is written once, and `$ref` stands for it.
class ABSTRACTLLM_API SchemaText {
 public:
  SchemaText() {}

  void boolean(const SchemaLimits& limits);
  void integer(std::int64_t minimum, std::uint64_t maximum, const SchemaLimits& limits);
  void number(const SchemaLimits& limits);
  void string(const SchemaLimits& limits);
  void enumeration(const std::vector<std::string_view>& names, const SchemaLimits& limits);

  /// Between the two, the schema of the elements is written. `size` is that of a std::array.
  void begin_list(std::optional<std::size_t> size, const SchemaLimits& limits);
  void end_list();
  void begin_map(const SchemaLimits& limits);
  void end_map();
  void begin_nullable();
  void end_nullable();

  /// `type` is an address that only this type has, or null for the parameters of a tool. Returns false if the type is
  /// written already; nothing more is written for it then. The names must outlive the object.
  bool begin_object(const void* type, const SchemaLimits& limits);
  void begin_member(std::string_view name);
  void end_member(std::string_view description, bool required, const std::optional<std::string>& default_json);
  void end_object();

  /// The type cannot be described. The first message counts.
  void fail(const std::string& message);
  /// Errors: invalid_argument, with the name of the parameter or field and what is wrong with its description.
  Result<std::string> finish() &&;

 private:
  class Open {
   public:
    Open(const void* type_of, std::size_t begin_at) : type(type_of), begin(begin_at) {}
    const void* type;
    std::size_t begin;
    std::string definition;  // its name, if the type holds itself
    std::vector<std::string_view> names;
    std::string required;
  };
  class Definition {
   public:
    Definition(const void* type_of, std::string name_of) : type(type_of), name(std::move(name_of)) {}
    const void* type;
    std::string name;
    std::string json;
  };

  void add_numbers(const SchemaNumber& minimum, const SchemaNumber& maximum);
  void add_size(std::string_view keyword, const std::optional<std::size_t>& size);
  void add_reference(const std::string& definition);
  bool refer(const void* type);
  void close_definition(const Open& closed);
  void refuse_numbers(const SchemaLimits& limits);
  void refuse_text(const SchemaLimits& limits);
  void refuse_items(const SchemaLimits& limits);

  std::string text_;
  std::vector<Open> open_;
  std::vector<Definition> definitions_;
  std::string fault_;
};

}  // namespace abstractllm::schema_detail
