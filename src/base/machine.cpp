// SPDX-License-Identifier: Apache-2.0
#include "base/machine.hpp"

#include <unistd.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <algorithm>
#include <fstream>

namespace abstractllm {

std::int64_t memory_of_this_machine() {
  const std::int64_t pages = sysconf(_SC_PHYS_PAGES);
  const std::int64_t page_size = sysconf(_SC_PAGE_SIZE);
  const std::int64_t machine = pages > 0 && page_size > 0 ? pages * page_size : 0;
  std::int64_t group = 0;
  std::ifstream("/sys/fs/cgroup/memory.max") >> group;  // the word "max" is no number and leaves 0
  return group > 0 && machine > 0 ? std::min(group, machine) : std::max(group, machine);
}

void release_freed_memory() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

}  // namespace abstractllm
