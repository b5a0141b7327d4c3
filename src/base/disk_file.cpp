// SPDX-License-Identifier: Apache-2.0
#include "base/disk_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <vector>

namespace abstractllm {
namespace {

constexpr std::size_t piece_bytes = std::size_t{1} << 20;

Error failure(std::string_view what, const std::filesystem::path& path) {
  const int reason = errno;
  return {ErrorKind::not_configured,
          "cannot " + std::string(what) + " '" + path.string() + "': " + std::generic_category().message(reason)};
}

/// Whether the path still leads to the open file. The previous holder of the lock may have deleted it.
bool is_at(int descriptor, const std::filesystem::path& path) {
  struct stat opened {};
  struct stat named {};
  return fstat(descriptor, &opened) == 0 && stat(path.c_str(), &named) == 0 && opened.st_dev == named.st_dev &&
         opened.st_ino == named.st_ino;
}

}  // namespace

Result<DiskFile> DiskFile::open(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor < 0) return failure("write", path);
  return DiskFile(path, descriptor);
}

DiskFile::~DiskFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

Result<std::int64_t> DiskFile::size() const {
  struct stat found {};
  if (fstat(descriptor_, &found) != 0) return failure("look at", path_);
  return static_cast<std::int64_t>(found.st_size);
}

Result<void> DiskFile::write_at(std::int64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = pwrite(descriptor_, bytes.data(), bytes.size(), offset);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failure("write", path_);
    bytes.remove_prefix(static_cast<std::size_t>(count));
    offset += count;
  }
  return {};
}

Result<void> DiskFile::read(std::int64_t size, const std::function<bool(std::string_view)>& each) const {
  std::vector<char> piece(piece_bytes);
  for (std::int64_t at = 0; at < size;) {
    const auto wanted = std::min<std::int64_t>(size - at, static_cast<std::int64_t>(piece.size()));
    const ssize_t count = pread(descriptor_, piece.data(), static_cast<std::size_t>(wanted), at);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failure("read", path_);
    if (count == 0)
      return Error(ErrorKind::not_configured, "'" + path_.string() + "' became shorter while it was read");
    at += count;
    if (!each({piece.data(), static_cast<std::size_t>(count)})) return {};
  }
  return {};
}

Result<void> DiskFile::resize(std::int64_t size) {
  if (ftruncate(descriptor_, size) != 0) return failure("write", path_);
  return {};
}

Result<void> DiskFile::sync() {
  // EINVAL: the file system does not support it.
  if (fsync(descriptor_) != 0 && errno != EINVAL) return failure("write", path_);
  return {};
}

Result<std::optional<FileLock>> FileLock::try_take(const std::filesystem::path& path) {
  for (;;) {
    // 0664, as in huggingface_hub, so that users who share a folder can wait for each other.
    FileLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0664));
    if (lock.descriptor_ < 0) return failure("lock", path);
    if (flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
      if (errno == EINTR) continue;
      if (errno == EWOULDBLOCK) return std::optional<FileLock>();
      return std::optional(std::move(lock));
    }
    if (is_at(lock.descriptor_, path)) return std::optional(std::move(lock));
  }
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

std::int64_t bytes_of_file(const std::filesystem::path& path) {
  std::error_code failure;
  const std::uintmax_t size = std::filesystem::file_size(path, failure);
  return failure ? 0 : static_cast<std::int64_t>(size);
}

void touch_access_time(const std::filesystem::path& path) {
  const timespec times[2] = {{0, UTIME_NOW}, {0, UTIME_OMIT}};
  utimensat(AT_FDCWD, path.c_str(), times, 0);
}

std::optional<std::int64_t> access_time_seconds(const std::filesystem::path& path) {
  struct stat found {};
  if (stat(path.c_str(), &found) != 0) return std::nullopt;
  return static_cast<std::int64_t>(found.st_atime);
}

}  // namespace abstractllm
