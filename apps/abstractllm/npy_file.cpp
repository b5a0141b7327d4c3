// SPDX-License-Identifier: Apache-2.0
#include "npy_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <random>
#include <utility>

namespace abstractllm::cli {
namespace {

constexpr std::size_t read_bytes = std::size_t{4} << 20;

Error about_file(const std::string& path, const std::string& why) {
  return {ErrorKind::invalid_argument, "'" + path + "': " + why};
}

/// Reads exactly `size` bytes, unless the file ends. Returns how many, or -1.
ssize_t read_at(int descriptor, char* into, std::size_t size, std::uint64_t at) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count = pread(descriptor, into + done, size - done, static_cast<off_t>(at + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return -1;
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return static_cast<ssize_t>(done);
}

}  // namespace

Result<NpyWriter> NpyWriter::create(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode))
    return about_file(path, "it exists and is not a regular file");
  std::random_device random;
  for (int attempt = 0; attempt < 100; ++attempt) {
    const std::string draft = path + "." + std::to_string(random()) + ".part";
    const int descriptor = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor >= 0) return NpyWriter(path, draft, descriptor);
    if (errno != EEXIST) return about_file(path, std::string("cannot write it: ") + std::strerror(errno));
  }
  return about_file(path, "cannot find a name for a file beside it");
}

NpyWriter::NpyWriter(NpyWriter&& other) noexcept
    : path_(std::move(other.path_)),
      draft_(std::exchange(other.draft_, std::string())),
      descriptor_(std::exchange(other.descriptor_, -1)),
      rows_(other.rows_),
      columns_(other.columns_),
      bytes_(other.bytes_) {}

NpyWriter::~NpyWriter() {
  if (descriptor_ >= 0) close(descriptor_);
  if (!draft_.empty()) unlink(draft_.c_str());
}

Error NpyWriter::failed(const char* what) const {
  return about_file(path_, std::string("cannot ") + what + " it: " + std::strerror(errno));
}

Result<void> NpyWriter::write_all(const char* bytes, std::size_t size, std::uint64_t at) const {
  while (size > 0) {
    const ssize_t count = pwrite(descriptor_, bytes, size, static_cast<off_t>(at));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("write");
    bytes += count;
    at += static_cast<std::uint64_t>(count);
    size -= static_cast<std::size_t>(count);
  }
  return {};
}

Result<void> NpyWriter::append(std::span<const float> values, std::size_t columns) {
  if (values.empty()) return {};
  if (rows_ > 0 && columns != columns_)
    return about_file(path_, "vectors of " + std::to_string(columns) + " and of " + std::to_string(columns_) +
                                 " numbers do not go into one file");
  columns_ = columns;
  const std::uint64_t at = npy_header(0, 0).size() + bytes_;
  if (auto written = write_all(reinterpret_cast<const char*>(values.data()), values.size_bytes(), at); !written)
    return written;
  bytes_ += values.size_bytes();
  rows_ += values.size() / columns;
  return {};
}

Result<void> NpyWriter::commit() {
  const std::string header = npy_header(rows_, columns_);
  if (auto written = write_all(header.data(), header.size(), 0); !written) return written;
  if (fsync(descriptor_) != 0 && errno != EINVAL) return failed("write");
  if (close(std::exchange(descriptor_, -1)) != 0) return failed("write");
  if (std::rename(draft_.c_str(), path_.c_str()) != 0) return failed("rename");
  draft_.clear();
  return {};
}

Result<NpyReader> NpyReader::open(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) return about_file(path, std::string("cannot read it: ") + std::strerror(errno));
  NpyReader reader(path, descriptor, {});
  struct stat status {};
  if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) return about_file(path, "it is not a regular file");
  std::string start(npy_header_bytes, '\0');
  const ssize_t size = read_at(descriptor, start.data(), start.size(), 0);
  if (size < 0) return about_file(path, std::string("cannot read it: ") + std::strerror(errno));
  start.resize(static_cast<std::size_t>(size));
  const auto shape = read_npy_header(start);
  if (!shape) return about_file(path, shape.error().message);
  const std::uint64_t expected = shape->data_at + shape->rows * shape->columns * sizeof(float);
  if (static_cast<std::uint64_t>(status.st_size) != expected)
    return about_file(path, "it has " + std::to_string(status.st_size) + " bytes, but " + std::to_string(shape->rows) +
                                " × " + std::to_string(shape->columns) + " numbers need " + std::to_string(expected) +
                                ": was it cut, or is it still being written?");
  reader.shape_ = *shape;
  return reader;
}

NpyReader::NpyReader(NpyReader&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      shape_(other.shape_),
      row_(other.row_),
      buffer_(std::move(other.buffer_)) {}

NpyReader::~NpyReader() {
  if (descriptor_ >= 0) close(descriptor_);
}

Result<std::span<const float>> NpyReader::next() {
  if (row_ == shape_.rows) return std::span<const float>();
  const std::uint64_t row_bytes = shape_.columns * sizeof(float);
  const std::uint64_t count = std::min(shape_.rows - row_, std::max<std::uint64_t>(read_bytes / row_bytes, 1));
  buffer_.resize(static_cast<std::size_t>(count * shape_.columns));
  const std::size_t size = buffer_.size() * sizeof(float);
  const ssize_t read =
      read_at(descriptor_, reinterpret_cast<char*>(buffer_.data()), size, shape_.data_at + row_ * row_bytes);
  if (read < 0) return about_file(path_, std::string("cannot read it: ") + std::strerror(errno));
  if (static_cast<std::size_t>(read) != size) return about_file(path_, "it became shorter while it was read");
  row_ += count;
  return std::span<const float>(buffer_);
}

}  // namespace abstractllm::cli
