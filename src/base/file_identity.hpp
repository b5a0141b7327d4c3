// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace abstractllm {

/// Identifies a file and its content. It differs for another file with the same name, and after a write to the file.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t number = 0;
  std::int64_t size = 0;
  std::int64_t changed_ns = 0;  ///< time of the last change of the content, by the file system's clock
  bool operator==(const FileIdentity&) const = default;
};

/// Returns nullopt if the file does not exist.
std::optional<FileIdentity> file_identity(const std::string& path);

}  // namespace abstractllm
