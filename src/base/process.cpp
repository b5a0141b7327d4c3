// SPDX-License-Identifier: Apache-2.0
#include "base/process.hpp"

#ifndef _WIN32
#include <unistd.h>
#endif

namespace abstractllm {

long process_id() {
#ifdef _WIN32
  return 0;
#else
  return static_cast<long>(getpid());
#endif
}

}  // namespace abstractllm
