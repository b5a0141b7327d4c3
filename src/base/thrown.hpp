// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "abstractllm/result.hpp"

namespace abstractllm {

/// The Error for the exception that is being handled, so to be called in a catch block only: that of an Exception, else
/// one of kind internal with the exception's own words. Throws nothing: where memory is out, it says that.
Error thrown_error() noexcept;

/// Calls `function` and gives its Result, or an Error in place of what it throws. Whatever a user passes in may throw,
/// and so may the standard library where memory or threads are out.
template <class Function>
auto guarded(Function&& function) -> decltype(function()) {
  try {
    return function();
  } catch (...) {
    return thrown_error();
  }
}

}  // namespace abstractllm
