// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/disk_file.hpp"

namespace abstractllm {

/// The name of a file that is being written next to the file that it will be. It is removed with the object, unless it
/// got its name. A lock on it shows that its process is alive.
class TemporaryFile {
 public:
  /// Creates an empty file FINAL.PID-N.tmp. Errors: not_configured.
  static Result<TemporaryFile> beside(const std::filesystem::path& final_path);
  ~TemporaryFile();
  TemporaryFile(TemporaryFile&& other) noexcept;
  TemporaryFile& operator=(TemporaryFile&&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// Gives it its final name. An existing file is replaced. Errors: not_configured.
  Result<void> keep();

 private:
  TemporaryFile(std::filesystem::path final_path, std::filesystem::path path, FileLock lock)
      : final_path_(std::move(final_path)), path_(std::move(path)), lock_(std::move(lock)) {}

  std::filesystem::path final_path_;
  std::filesystem::path path_;  // empty: nothing to remove
  FileLock lock_;
};

/// Removes the temporary files (FINAL.PID-N.tmp) in `folder` whose names begin with `beginning` and whose processes
/// have ended.
void remove_abandoned(const std::filesystem::path& folder, const std::string& beginning);

}  // namespace abstractllm
