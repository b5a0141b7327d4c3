// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <utility>

#include "abstractllm/result.hpp"

namespace abstractllm {

/// A regular file that is only read, at any position. Any number of threads may read at once. Errors are
/// not_configured, and the message has the path and the system's reason.
class SourceFile {
 public:
  /// Never waits: a pipe or a device is an error.
  static Result<SourceFile> open(const std::filesystem::path& path);
  ~SourceFile();
  SourceFile(SourceFile&& other) noexcept
      : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_) {}
  SourceFile& operator=(SourceFile&&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// The size in bytes when the file was opened.
  std::int64_t size() const { return size_; }
  /// Fills the whole buffer from `offset`. A file that ends before is an error.
  Result<void> read_at(std::int64_t offset, std::span<std::byte> buffer) const;

 private:
  SourceFile(std::filesystem::path path, int descriptor, std::int64_t size)
      : path_(std::move(path)), descriptor_(descriptor), size_(size) {}

  std::filesystem::path path_;
  int descriptor_;
  std::int64_t size_;
};

}  // namespace abstractllm
