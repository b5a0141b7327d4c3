// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace abstractllm {

/// What tells one file from another that took its name, and from itself after it was written to.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t number = 0;
  std::int64_t size = 0;
  std::int64_t changed_ns = 0;  ///< when its content last changed, in the file system's own time
  bool operator==(const FileIdentity&) const = default;
};

/// Nothing where the file is not there.
std::optional<FileIdentity> file_identity(const std::string& path);

}  // namespace abstractllm
