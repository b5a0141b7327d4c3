// SPDX-License-Identifier: Apache-2.0
#include "images/opened_image.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "base/base64.hpp"

namespace abstractllm {
namespace {

namespace fs = std::filesystem;

Error unfit(const std::string& label, const std::string& problem) {
  return {ErrorKind::invalid_argument, label + " " + problem};
}

Error unreadable(const std::string& label, int error_number) {
  return unfit(label, "cannot be read: " + std::generic_category().message(error_number));
}

Result<void> check_size(const std::string& label, std::int64_t bytes, std::int64_t most_bytes) {
  if (bytes == 0) return unfit(label, "is empty");
  if (bytes <= most_bytes) return {};
  return unfit(label, "has " + std::to_string(bytes) + " bytes; at most " + std::to_string(most_bytes) +
                          " are allowed (option max_image_bytes)");
}

/// Errors for paths that cannot be opened, or must not be opened: a pipe would block.
Result<std::int64_t> size_of_file(const std::string& path, const std::string& label) {
  std::error_code failure;
  const fs::file_status status = fs::status(path, failure);
  if (status.type() == fs::file_type::not_found) return unfit(label, "does not exist");
  if (status.type() == fs::file_type::none) return unfit(label, "cannot be read: " + failure.message());
  if (status.type() == fs::file_type::directory) return unfit(label, "is a folder");
  if (status.type() != fs::file_type::regular) return unfit(label, "is not a regular file");
  const auto size = fs::file_size(path, failure);
  if (failure) return unfit(label, "cannot be read: " + failure.message());
  return static_cast<std::int64_t>(size);
}

}  // namespace

Result<OpenedImage> OpenedImage::open(const std::string& path, std::string label, std::int64_t most_bytes) {
  const Result<std::int64_t> size = size_of_file(path, label);
  if (!size) return size.error();
  if (Result<void> fits = check_size(label, *size, most_bytes); !fits) return std::move(fits).error();
  File file(std::fopen(path.c_str(), "rb"), &std::fclose);
  if (!file) return unreadable(label, errno);
  std::setvbuf(file.get(), nullptr, _IONBF, 0);
  std::string head(std::min(static_cast<std::size_t>(*size), image_head_bytes), '\0');
  errno = 0;
  const std::size_t count = std::fread(head.data(), 1, head.size(), file.get());
  if (count < head.size() && std::ferror(file.get()) != 0) return unreadable(label, errno);
  auto type = image_type(std::string_view(head).substr(0, count), label);
  if (!type) return std::move(type).error();
  OpenedImage opened(std::move(label), *size, *type);
  opened.file_ = std::move(file);
  return opened;
}

Result<OpenedImage> OpenedImage::from_bytes(std::shared_ptr<const std::string> bytes, std::string label,
                                            std::int64_t most_bytes) {
  const auto size = static_cast<std::int64_t>(bytes->size());
  if (Result<void> fits = check_size(label, size, most_bytes); !fits) return std::move(fits).error();
  auto type = image_type(std::string_view(*bytes).substr(0, image_head_bytes), label);
  if (!type) return std::move(type).error();
  OpenedImage opened(std::move(label), size, *type);
  opened.bytes_ = std::move(bytes);
  return opened;
}

Result<void> OpenedImage::append_base64(std::string& text) {
  if (bytes_) {
    abstractllm::append_base64(*bytes_, text);
    return {};
  }
  constexpr std::size_t piece = std::size_t{48} * 1024;
  static_assert(piece % 3 == 0);
  std::array<char, piece> buffer{};
  std::rewind(file_.get());
  for (std::int64_t left = size_; left > 0;) {
    const std::size_t wanted = static_cast<std::size_t>(std::min<std::int64_t>(left, piece));
    errno = 0;
    if (std::fread(buffer.data(), 1, wanted, file_.get()) < wanted) {
      if (std::ferror(file_.get()) != 0) return unreadable(label_, errno);
      return unfit(label_, "became shorter while it was read");
    }
    abstractllm::append_base64({buffer.data(), wanted}, text);
    left -= static_cast<std::int64_t>(wanted);
  }
  return {};
}

}  // namespace abstractllm
