// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "abstractllm/result.hpp"

namespace abstractllm {

/// The Error for the exception that is being handled. Call it in a catch block only. It is the Error of an Exception,
/// otherwise one of kind internal with the text of the exception. Never throws: if memory is exhausted, the Error says
/// so.
Error thrown_error() noexcept;

/// Calls `function` and returns its Result, or an Error in place of an exception. Objects that a user passes in may
/// throw, and so may the standard library if memory or threads are exhausted.
template <class Function>
auto guarded(Function&& function) -> decltype(function()) {
  try {
    return function();
  } catch (...) {
    return thrown_error();
  }
}

}  // namespace abstractllm
