// SPDX-License-Identifier: Apache-2.0
#include "base/file_identity.hpp"

#include <sys/stat.h>

namespace abstractllm {

std::optional<FileIdentity> file_identity(const std::string& path) {
  struct stat found {};
  if (stat(path.c_str(), &found) != 0) return std::nullopt;
  FileIdentity identity;
  identity.device = static_cast<std::uint64_t>(found.st_dev);
  identity.number = static_cast<std::uint64_t>(found.st_ino);
  identity.size = static_cast<std::int64_t>(found.st_size);
  identity.changed_ns = static_cast<std::int64_t>(found.st_mtim.tv_sec) * 1'000'000'000 + found.st_mtim.tv_nsec;
  return identity;
}

}  // namespace abstractllm
