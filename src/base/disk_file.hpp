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

/// A file that grows piece by piece, also over several runs of a program. Errors are not_configured and name the path
/// and the system's reason. One thread at a time.
class DiskFile {
 public:
  /// Opens the file, or makes an empty one; with the permissions that the user's umask leaves.
  static Result<DiskFile> open(const std::filesystem::path& path);
  ~DiskFile();
  DiskFile(DiskFile&& other) noexcept
      : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}
  DiskFile& operator=(DiskFile&&) = delete;

  Result<std::int64_t> size() const;
  Result<void> write_at(std::int64_t offset, std::string_view bytes);
  /// Hands out the first `size` bytes, in pieces. Stops early when `each` says false.
  Result<void> read(std::int64_t size, const std::function<bool(std::string_view)>& each) const;
  Result<void> resize(std::int64_t size);
  /// Until it is on the disk itself.
  Result<void> sync();

 private:
  DiskFile(std::filesystem::path path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

  std::filesystem::path path_;
  int descriptor_;
};

/// The right to do something that only one process and one thread does at a time: flock() on a file. The system takes
/// it back from a process that dies. Where the file system knows no locks everybody gets it.
class FileLock {
 public:
  /// Nothing: somebody else has it. Errors: not_configured.
  static Result<std::optional<FileLock>> try_take(const std::filesystem::path& path);
  ~FileLock();
  FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

/// Notes that the file was used now, where the system lets us: mounts that keep no access times do not by themselves.
void touch_access_time(const std::filesystem::path& path);

/// When the file was last read (or noted to be used), where the system knows.
std::optional<std::int64_t> access_time_seconds(const std::filesystem::path& path);

}  // namespace abstractllm
