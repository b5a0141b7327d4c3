// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace abstractllm::test {

/// Without those that are about to end: a thread stands in the list for a moment after it was joined.
inline std::ptrdiff_t threads_of_this_process() {
  constexpr unsigned long exiting = 4;  // PF_EXITING in Linux's sched.h, in the ninth field (proc_pid_stat(5))
  std::ptrdiff_t count = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream file(task.path() / "stat");
    std::string line, field;
    unsigned long flags = exiting;
    if (std::getline(file, line)) {
      std::istringstream fields(line.substr(line.rfind(')') + 1));  // the second field, the name, may hold blanks
      for (int i = 3; i < 9; ++i) fields >> field;
      fields >> flags;
    }
    count += (flags & exiting) == 0;
  }
  return count;
}

}  // namespace abstractllm::test
