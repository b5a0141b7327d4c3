// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "abstractllm/error.hpp"

namespace abstractllm {

/// Returns the outcome, in a forked child, of a call that the parent began.
inline Error inherited_call() {
  return {ErrorKind::cancelled,
          "the call belongs to the process that this one was forked from, and goes on there: begin another call here"};
}

}  // namespace abstractllm
