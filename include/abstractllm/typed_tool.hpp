// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "abstractllm/error.hpp"
#include "abstractllm/param.hpp"
#include "abstractllm/result.hpp"
#include "abstractllm/schema.hpp"
#include "abstractllm/task.hpp"

namespace abstractllm {
class ToolContext;
}

/// What Tool::from() is written with. Programs use tool.hpp, not this header.
namespace abstractllm::tool_detail {

/// Whether an argument can be made for a parameter of this type: not for a reference through which one writes.
template <class Parameter>
inline constexpr bool is_input =
    !std::is_lvalue_reference_v<Parameter> || std::is_const_v<std::remove_reference_t<Parameter>>;

/// What a callable returns and takes, without the context.
template <class Returned, class... Parameters>
class Signature {
 public:
  using Return = std::remove_cvref_t<Returned>;
  using Values = std::tuple<std::remove_cvref_t<Parameters>...>;
  static constexpr bool is_known = true;
  static constexpr bool takes_context = false;
  static constexpr bool takes_inputs = (is_input<Parameters> && ...);
  static constexpr std::size_t count = sizeof...(Parameters);

  static constexpr bool takes_described = (schema_detail::is_described<std::remove_cvref_t<Parameters>> && ...);

  /// Does not compile if a parameter cannot be described.
  static void require_described() { schema_detail::require_described<std::remove_cvref_t<Parameters>...>(); }

  template <class Function, class... Context>
  static decltype(auto) call(Function& function, Values& values, Context&... context) {
    return call_with(function, values, std::index_sequence_for<Parameters...>(), context...);
  }

 private:
  template <class Function, std::size_t... at, class... Context>
  static decltype(auto) call_with(Function& function, [[maybe_unused]] Values& values, std::index_sequence<at...>,
                                  Context&... context) {
    return function(context..., static_cast<Parameters&&>(std::get<at>(values))...);
  }
};

template <class Returned, class... Parameters>
class Signature<Returned, ToolContext&, Parameters...> : public Signature<Returned, Parameters...> {
 public:
  static constexpr bool takes_context = true;
};

template <class Returned, class... Parameters>
class Signature<Returned, const ToolContext&, Parameters...> : public Signature<Returned, Parameters...> {
 public:
  static constexpr bool takes_context = true;
};

class NoSignature {
 public:
  static constexpr bool is_known = false;
};

template <class Returned, class... Parameters>
Signature<Returned, Parameters...> signature_of(Returned (*)(Parameters...));
template <class Class, class Returned, class... Parameters>
Signature<Returned, Parameters...> signature_of(Returned (Class::*)(Parameters...));
template <class Class, class Returned, class... Parameters>
Signature<Returned, Parameters...> signature_of(Returned (Class::*)(Parameters...) const);
template <class Class, class Returned, class... Parameters>
Signature<Returned, Parameters...> signature_of(Returned (Class::*)(Parameters...) &);
template <class Class, class Returned, class... Parameters>
Signature<Returned, Parameters...> signature_of(Returned (Class::*)(Parameters...) const&);

template <class Function>
auto find_signature() {
  if constexpr (std::is_pointer_v<Function> && std::is_function_v<std::remove_pointer_t<Function>>) {
    return std::type_identity<decltype(signature_of(std::declval<Function>()))>();
  } else if constexpr (requires { &Function::operator(); }) {
    return std::type_identity<decltype(signature_of(&Function::operator()))>();
  } else {
    return std::type_identity<NoSignature>();
  }
}

template <class Function>
using SignatureOf = typename decltype(find_signature<Function>())::type;

template <class T>
inline constexpr bool is_task = false;
template <class T>
inline constexpr bool is_task<Task<T>> = true;
template <class T>
inline constexpr bool is_std_function = false;
template <class T>
inline constexpr bool is_std_function<std::function<T>> = true;

/// Whether there is nothing to call. A lambda is always there.
template <class Function>
bool is_empty(const Function& function) {
  if constexpr (std::is_pointer_v<Function> || is_std_function<Function>) return !function;
  else return false;
}

/// The type that a result holds in the end: without Task and Result.
template <class T>
class Inner : public std::type_identity<T> {};
template <class T>
class Inner<Task<T>> : public Inner<T> {};
template <class T>
class Inner<Result<T>> : public Inner<T> {};

template <class T>
inline constexpr bool is_text =
    std::is_same_v<T, std::string> || std::is_same_v<T, std::string_view> || std::is_same_v<T, const char*>;

/// Whether a result of this type can be written.
template <class Returned, class T = typename Inner<Returned>::type>
inline constexpr bool is_writable = std::is_void_v<T> || is_text<T> || schema_detail::is_described<T>;

/// Does not compile if a result of this type cannot be written.
template <class Returned>
void require_writable() {
  if constexpr (!is_writable<Returned>) schema_detail::require_described<typename Inner<Returned>::type>();
}

/// The text that a model reads for a tool that returns nothing.
inline std::string done_text() { return "done"; }

/// The text that a model reads for a result: a string is itself, everything else is JSON.
template <class T>
Result<std::string> result_text(const T& value) {
  if constexpr (is_text<T>) return std::string(value);
  else return schema_detail::value_json(value);
}
template <class T>
Result<std::string> result_text(const Result<T>& result) {
  if (!result) return result.error();
  if constexpr (std::is_void_v<T>) return done_text();
  else return result_text(*result);
}

/// A callable with the descriptions of its parameters.
template <class Function>
class TypedFunction {
 public:
  using Shape = SignatureOf<Function>;
  using Values = typename Shape::Values;

  TypedFunction(Function function, std::vector<Param> params)
      : function_(std::move(function)), params_(std::move(params)) {}

  /// The JSON Schema of the arguments. Errors: invalid_argument for a Param that does not fit.
  Result<std::string> schema() const {
    schema_detail::SchemaText out;
    out.begin_object(nullptr, schema_detail::SchemaLimits());
    describe(out, std::make_index_sequence<Shape::count>());
    out.end_object();
    return std::move(out).finish();
  }

  /// Reads the arguments. Errors: schema_mismatch, which names the argument.
  std::optional<Error> read(std::string_view arguments, Values& values) const {
    schema_detail::JsonReader reader(arguments);
    read_members(reader, values, std::make_index_sequence<Shape::count>());
    return reader.error();
  }

  decltype(auto) call(Values& values, ToolContext& context) {
    if constexpr (Shape::takes_context) return Shape::call(function_, values, context);
    else return Shape::call(function_, values);
  }

  Result<std::string> run(std::string_view arguments, ToolContext& context) {
    Values values;
    if (std::optional<Error> error = read(arguments, values)) return *std::move(error);
    if constexpr (std::is_void_v<typename Shape::Return>) {
      call(values, context);
      return done_text();
    } else {
      return result_text(call(values, context));
    }
  }

 private:
  template <std::size_t... at>
  void describe(schema_detail::SchemaText& out, std::index_sequence<at...>) const {
    (schema_detail::describe_member<std::tuple_element_t<at, Values>>(
         out, params_[at].name(), params_[at].description(), params_[at].limits(), params_[at].default_json()),
     ...);
  }

  template <std::size_t... at>
  void read_members(schema_detail::JsonReader& reader, [[maybe_unused]] Values& values,
                    std::index_sequence<at...>) const {
    [[maybe_unused]] bool found[sizeof...(at) + 1] = {};
    if (!reader.begin_object()) return;
    while (reader.next_member())
      if (!(read_member(reader, params_[at], std::get<at>(values), found[at]) || ...)) reader.skip();
    (complete(reader, params_[at], std::get<at>(values), found[at]), ...);
  }

  template <class T>
  static bool read_member(schema_detail::JsonReader& reader, const Param& param, T& value, bool& found) {
    if (reader.member() != param.name()) return false;
    schema_detail::decode_member(reader, value, param.default_json().has_value(), found);
    return true;
  }

  template <class T>
  static void complete(schema_detail::JsonReader& reader, const Param& param, T& value, bool found) {
    if (!found) schema_detail::complete_member(reader, param.name(), value, param.default_json());
  }

  Function function_;
  std::vector<Param> params_;
};

/// Runs a callable that returns a Task. The frame keeps the callable and its arguments until the task has ended.
// static: Clang 14 cannot compile a coroutine that several translation units share under ASan.
template <class Function>
static Task<Result<std::string>> run_later(std::shared_ptr<TypedFunction<Function>> function, std::string arguments,
                                           ToolContext& context) {
  using Value = typename TypedFunction<Function>::Shape::Return::value_type;
  typename TypedFunction<Function>::Values values;
  std::optional<Error> error = function->read(arguments, values);
  if (error) co_return *std::move(error);
  Task<Value> task = function->call(values, context);
  if constexpr (std::is_void_v<Value>) {
    co_await task;
    co_return done_text();
  } else {
    const Value value = co_await task;
    co_return result_text(value);
  }
}

}  // namespace abstractllm::tool_detail
