// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "abstractllm/error.hpp"

namespace abstractllm {

template <class T>
class Result;

namespace result_detail {

template <class T>
inline constexpr bool is_result = false;
template <class T>
inline constexpr bool is_result<Result<T>> = true;

/// Whether `From` and `To` are both integers. `return 0` for a size does not narrow, and a template cannot tell it from
/// a variable.
template <class From, class To>
concept integers =
    std::is_integral_v<From> && std::is_integral_v<To> && !std::is_same_v<From, bool> && !std::is_same_v<To, bool>;

/// Whether `From` converts to `To` without a cast and without narrowing.
template <class From, class To>
concept implicit = std::is_convertible_v<From, To> &&
                   (integers<std::remove_cvref_t<From>, To> ||
                    requires(From && from) { std::type_identity_t<To[]>{std::forward<From>(from)}; }) &&
                   !(std::is_null_pointer_v<std::remove_cvref_t<From>> && std::is_convertible_v<To, std::string_view>);

/// The types that may become the value of a Result<T>: T, and whatever converts to T and not to Error.
template <class From, class T>
concept value_for = std::is_same_v<std::remove_cvref_t<From>, T> ||
    (!std::is_same_v<std::remove_cvref_t<From>, Result<T>> && !std::is_convertible_v<From, Error> && implicit<From, T>);

template <class Self, class Function>
auto and_then(Self&& self, Function&& function) {
  using Next = std::remove_cvref_t<std::invoke_result_t<Function, decltype(*std::forward<Self>(self))>>;
  static_assert(is_result<Next>,
                "and_then() takes a function that gives a Result; transform() takes one that gives a value");
  if (!self) return Next(std::forward<Self>(self).error());
  return Next(std::invoke(std::forward<Function>(function), *std::forward<Self>(self)));
}

template <class Self, class Function>
auto transform(Self&& self, Function&& function) {
  using Next = std::remove_cvref_t<std::invoke_result_t<Function, decltype(*std::forward<Self>(self))>>;
  static_assert(!std::is_same_v<Next, Error>, "transform() makes a value; a function that may fail is for and_then()");
  if (!self) return Result<Next>(std::forward<Self>(self).error());
  if constexpr (std::is_void_v<Next>) {
    std::invoke(std::forward<Function>(function), *std::forward<Self>(self));
    return Result<Next>();
  } else {
    return Result<Next>(std::invoke(std::forward<Function>(function), *std::forward<Self>(self)));
  }
}

}  // namespace result_detail

/// A value or an Error. The names are those of std::expected, which C++20 lacks.
///
/// Use `*result` and `result->` only after testing the result: without a value their behaviour is undefined. `value()`
/// throws Exception instead. Several threads must not use one object at once.
template <class T>
class [[nodiscard]] Result {
  static_assert(!std::is_same_v<T, Error>, "an Error is never the value of a Result");

 public:
  using value_type = T;
  using error_type = Error;

  /// Makes a value from a T, or from an object that converts to T implicitly without narrowing (between integers any
  /// conversion is allowed). `return "text"` makes a Result<std::string>. An object that converts to an Error never
  /// makes a value.
  template <class Value = T>
  // NOLINTNEXTLINE(google-explicit-constructor,bugprone-forwarding-reference-overload): as std::expected has it
  requires result_detail::value_for<Value, T> Result(Value&& value)
      : state_(std::in_place_index<0>, std::forward<Value>(value)) {}
  /// Makes a failure.
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  T& operator*() & { return *std::get_if<0>(&state_); }
  const T& operator*() const& { return *std::get_if<0>(&state_); }
  T&& operator*() && { return std::move(*std::get_if<0>(&state_)); }
  T* operator->() { return std::get_if<0>(&state_); }
  const T* operator->() const { return std::get_if<0>(&state_); }

  /// The error. Call it only if has_value() is false.
  const Error& error() const& { return *std::get_if<1>(&state_); }
  Error&& error() && { return std::move(*std::get_if<1>(&state_)); }

  /// Returns the value, or throws Exception with the error.
  const T& value() const& {
    if (!has_value()) throw Exception(error());
    return **this;
  }
  T& value() & {
    if (!has_value()) throw Exception(error());
    return **this;
  }
  T value() && {
    if (!has_value()) throw Exception(std::move(*this).error());
    return std::move(**this);
  }

  /// Returns the value, or `otherwise` converted to its type.
  template <class U>
  T value_or(U&& otherwise) const& {
    return has_value() ? **this : static_cast<T>(std::forward<U>(otherwise));
  }
  template <class U>
  T value_or(U&& otherwise) && {
    return has_value() ? std::move(**this) : static_cast<T>(std::forward<U>(otherwise));
  }

  /// Returns the result of `function` for the value, which is a Result of any type, or this error. On a temporary, the
  /// function gets an rvalue that it can move from. The same holds for all functions below.
  template <class Function>
  auto and_then(Function&& function) const& {
    return result_detail::and_then(*this, std::forward<Function>(function));
  }
  template <class Function>
  auto and_then(Function&& function) && {
    return result_detail::and_then(std::move(*this), std::forward<Function>(function));
  }

  /// Returns a Result with what `function` returns for the value (it may be void), or this error. A pointer to a member
  /// is allowed: `reply.transform(&Response::text)`. If the function returns a reference, the object is copied.
  template <class Function>
  auto transform(Function&& function) const& {
    return result_detail::transform(*this, std::forward<Function>(function));
  }
  template <class Function>
  auto transform(Function&& function) && {
    return result_detail::transform(std::move(*this), std::forward<Function>(function));
  }

  /// Returns this value, or what `function` returns for the error, a Result of the same type.
  template <class Function>
  Result or_else(Function&& function) const& {
    if (has_value()) return *this;
    return std::invoke(std::forward<Function>(function), error());
  }
  template <class Function>
  Result or_else(Function&& function) && {
    if (has_value()) return std::move(*this);
    return std::invoke(std::forward<Function>(function), std::move(*this).error());
  }

  /// Returns this value, or the Error that `function` returns for the error.
  template <class Function>
  Result transform_error(Function&& function) const& {
    if (has_value()) return *this;
    return Error(std::invoke(std::forward<Function>(function), error()));
  }
  template <class Function>
  Result transform_error(Function&& function) && {
    if (has_value()) return std::move(*this);
    return Error(std::invoke(std::forward<Function>(function), std::move(*this).error()));
  }

 private:
  std::variant<T, Error> state_;
};

/// Success without a value, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;
  using error_type = Error;

  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool has_value() const noexcept { return !error_; }
  explicit operator bool() const noexcept { return has_value(); }
  /// The error. Call it only if has_value() is false.
  const Error& error() const& { return *error_; }
  Error&& error() && { return std::move(*error_); }
  /// Throws Exception if there is an error.
  void value() const {
    if (error_) throw Exception(*error_);
  }

  /// Returns what `function` returns, a Result of any type, or this error.
  template <class Function>
  auto and_then(Function&& function) const {
    using Next = std::remove_cvref_t<std::invoke_result_t<Function>>;
    static_assert(result_detail::is_result<Next>, "and_then() takes a function that gives a Result");
    if (error_) return Next(*error_);
    return Next(std::invoke(std::forward<Function>(function)));
  }

  /// Returns a Result with what `function` returns (it may be void), or this error.
  template <class Function>
  auto transform(Function&& function) const {
    using Next = std::remove_cvref_t<std::invoke_result_t<Function>>;
    if constexpr (std::is_void_v<Next>) {
      if (!error_) std::invoke(std::forward<Function>(function));
      return *this;
    } else {
      if (error_) return Result<Next>(*error_);
      return Result<Next>(std::invoke(std::forward<Function>(function)));
    }
  }

  /// Returns success, or what `function` returns for the error, a Result<void>.
  template <class Function>
  Result or_else(Function&& function) const {
    if (!error_) return {};
    return std::invoke(std::forward<Function>(function), *error_);
  }

  /// Returns success, or the Error that `function` returns for the error.
  template <class Function>
  Result transform_error(Function&& function) const {
    if (!error_) return {};
    return Error(std::invoke(std::forward<Function>(function), *error_));
  }

 private:
  std::optional<Error> error_;
};

}  // namespace abstractllm
