// SPDX-License-Identifier: Apache-2.0
#include "base/machine.hpp"

#include <unistd.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

namespace abstractllm {
namespace {

/// The number after `name` in a file of "name number" lines, or 0 if there is none.
std::int64_t number_in(const char* path, const std::string& name) {
  std::ifstream file(path);
  std::string word;
  std::int64_t number = 0;
  for (std::string line; std::getline(file, line);)
    if (std::istringstream fields(line); fields >> word >> number && word == name) return number;
  return 0;
}

/// The value of the control group if it has a limit, otherwise 0.
std::int64_t free_in_control_group() {
  std::int64_t most = 0;
  std::int64_t used = 0;
  std::ifstream("/sys/fs/cgroup/memory.max") >> most;
  if (most <= 0 || !(std::ifstream("/sys/fs/cgroup/memory.current") >> used)) return 0;
  const std::int64_t droppable = number_in("/sys/fs/cgroup/memory.stat", "inactive_file");
  return std::clamp<std::int64_t>(most - used + droppable, 1, most);
}

}  // namespace

std::int64_t free_memory_of_this_machine() {
  const std::int64_t machine = number_in("/proc/meminfo", "MemAvailable:") * 1024;
  const std::int64_t group = free_in_control_group();
  return group > 0 && machine > 0 ? std::min(group, machine) : std::max(group, machine);
}

std::int64_t memory_of_this_machine() {
  const std::int64_t pages = sysconf(_SC_PHYS_PAGES);
  const std::int64_t page_size = sysconf(_SC_PAGE_SIZE);
  const std::int64_t machine = pages > 0 && page_size > 0 ? pages * page_size : 0;
  std::int64_t group = 0;
  std::ifstream("/sys/fs/cgroup/memory.max") >> group;  // the word "max" is not a number and leaves 0
  return group > 0 && machine > 0 ? std::min(group, machine) : std::max(group, machine);
}

void release_freed_memory() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

}  // namespace abstractllm
