// SPDX-License-Identifier: Apache-2.0
#include "base/source_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>

namespace abstractllm {
namespace {

// One call of Linux reads at most 2 GiB - 4 KiB.
constexpr std::size_t most_bytes_at_once = std::size_t{1} << 30;

Error failure(const std::filesystem::path& path, const std::string& reason) {
  return {ErrorKind::not_configured, "cannot read '" + path.string() + "': " + reason};
}

Error system_failure(const std::filesystem::path& path) {
  return failure(path, std::generic_category().message(errno));
}

}  // namespace

Result<SourceFile> SourceFile::open(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return system_failure(path);
  struct stat found {};
  SourceFile file(path, descriptor, 0);
  if (fstat(descriptor, &found) != 0) return system_failure(path);
  if (!S_ISREG(found.st_mode)) return failure(path, "it is not a regular file");
  file.size_ = static_cast<std::int64_t>(found.st_size);
  return file;
}

SourceFile::~SourceFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

Result<void> SourceFile::read_at(std::int64_t offset, std::span<std::byte> buffer) const {
  while (!buffer.empty()) {
    const ssize_t count = pread(descriptor_, buffer.data(), std::min(buffer.size(), most_bytes_at_once), offset);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_failure(path_);
    if (count == 0) return failure(path_, "it ends at byte " + std::to_string(offset) + ", before the data does");
    buffer = buffer.subspan(static_cast<std::size_t>(count));
    offset += count;
  }
  return {};
}

}  // namespace abstractllm
