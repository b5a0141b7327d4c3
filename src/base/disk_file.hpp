// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include "abstractllm/result.hpp"

namespace abstractllm {

/// A file that is written piece by piece, possibly in several runs of a program. Errors are not_configured, and the
/// message has the path and the system's reason. One thread at a time.
class DiskFile {
 public:
  /// Opens the file, or creates an empty one with the permissions that the umask allows.
  static Result<DiskFile> open(const std::filesystem::path& path);
  ~DiskFile();
  DiskFile(DiskFile&& other) noexcept
      : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}
  DiskFile& operator=(DiskFile&&) = delete;

  Result<std::int64_t> size() const;
  Result<void> write_at(std::int64_t offset, std::string_view bytes);
  /// Calls `each` with the first `size` bytes, in pieces. Stops early when `each` returns false.
  Result<void> read(std::int64_t size, const std::function<bool(std::string_view)>& each) const;
  Result<void> resize(std::int64_t size);
  /// Waits until the data is on the disk.
  Result<void> sync();

 private:
  DiskFile(std::filesystem::path path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

  std::filesystem::path path_;
  int descriptor_;
};

/// A lock for work that one thread of one process does at a time: flock() on a file. The system releases the lock of a
/// process that dies. On a file system without locks, every process gets it.
class FileLock {
 public:
  /// Returns nullopt if another holder has it. Errors: not_configured.
  static Result<std::optional<FileLock>> try_take(const std::filesystem::path& path);
  ~FileLock();
  FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

/// The size of a file in bytes. 0 if it does not exist or cannot be looked at.
std::int64_t bytes_of_file(const std::filesystem::path& path);

/// Records that the file was used now, if the system permits. Some mounts do not record access times themselves.
void touch_access_time(const std::filesystem::path& path);

/// When the file was last read or recorded as used, if the system knows.
std::optional<std::int64_t> access_time_seconds(const std::filesystem::path& path);

}  // namespace abstractllm
